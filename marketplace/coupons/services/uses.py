"""What used coupons cost whom, line by line: written down, spent, and reversed."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from core.quotas.services import drawing
from core.transactions import needs_transaction
from marketplace.coupons.domain.kinds import CommitMode
from marketplace.coupons.domain.owners import owner_in_order, owner_of
from marketplace.coupons.models import CouponUse, UserCoupon
from marketplace.coupons.selectors import bearing

Reference = UUID | str


@dataclass(frozen=True, slots=True)
class Use:
    """What one funder bears of one coupon on one line."""

    coupon_reference: Reference
    line_reference: Reference
    funder: str
    amount_fen: int


@needs_transaction
def note(
    coupon_ids: Sequence[int], order_reference: UUID, uses: Sequence[Use], *, now: datetime
) -> None:
    """Write down what used coupons cost whom, and spend it out of what was set aside."""
    coupons = {
        str(coupon.reference): coupon
        for coupon in UserCoupon.objects.filter(pk__in=coupon_ids)
        .select_related("batch")
        .order_by("id")
    }
    owners = {
        coupon.pk: owner_in_order(order_reference)
        if coupon.batch.commit_mode == CommitMode.AT_USE
        else owner_of(coupon.reference)
        for coupon in coupons.values()
    }
    payers = bearing.payers_of(
        [(coupon.pk, coupon.batch_id, owners[coupon.pk]) for coupon in coupons.values()]
    )
    spent: dict[str, Counter[int]] = defaultdict(Counter)
    rows = []
    for use in uses:
        coupon = coupons[str(use.coupon_reference)]
        payer = payers.get((coupon.pk, use.funder))
        for quota_id in payer.quota_ids if payer else ():
            spent[owners[coupon.pk]][quota_id] += use.amount_fen
        rows.append(
            CouponUse(
                coupon=coupon,
                order_reference=order_reference,
                line_reference=use.line_reference,
                funder=use.funder,
                budget_id=payer.budget_id if payer else None,
                amount_fen=use.amount_fen,
                used_at=now,
            )
        )
    CouponUse.objects.bulk_create(rows)
    drawing.spend_many(spent)


@needs_transaction
def reverse(coupon_ids: Sequence[int], *, now: datetime) -> dict[str, int]:
    """Take the uses of coupons back; return what each budget is given back, by its reference."""
    standing = CouponUse.objects.filter(coupon__in=coupon_ids, reversed_at=None)
    back = _by_budget(standing)
    standing.update(reversed_at=now)
    return back


def spent_by_budget(order_reference: Reference) -> dict[str, int]:
    """Return what an order's coupons cost each budget now, by the budget's reference."""
    return _by_budget(CouponUse.objects.filter(order_reference=order_reference, reversed_at=None))


def _by_budget(uses: QuerySet[CouponUse]) -> dict[str, int]:
    rows = (
        uses.filter(budget__isnull=False)
        .annotate(budget_reference=F("budget__reference"))
        .values("budget_reference")
        .annotate(spent_fen=Sum("amount_fen"))
        .order_by("budget_reference")
    )
    return {str(row["budget_reference"]): row["spent_fen"] for row in rows}
