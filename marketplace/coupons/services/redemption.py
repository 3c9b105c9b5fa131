"""A coupon in an order: locked, used, and given back while the goods have not left."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.errors import DomainError
from core.quotas.services import drawing
from core.transactions import needs_transaction
from marketplace.coupons.domain.states import COUPON_LIFE, CouponState
from marketplace.coupons.models import BatchFunding, CouponUse, UserCoupon
from marketplace.coupons.services.owners import owner_of

Reference = UUID | str


class CouponNotUsable(DomainError):
    """A coupon cannot be used now: it is in another order, used up, or outside its time."""

    code = "COUPON_NOT_USABLE"
    zh = "优惠券当前不可用：已在其他订单中、已使用或不在有效期内。"


@dataclass(frozen=True, slots=True)
class Use:
    """What one funder bears of one coupon on one line."""

    coupon_reference: Reference
    line_reference: Reference
    funder: str
    amount_fen: int


@needs_transaction
def lock(
    coupon_references: Sequence[Reference],
    *,
    user_id: int,
    order_reference: Reference,
    now: datetime,
) -> None:
    """Lock coupons for an unpaid order, in one statement; budgets are not touched.

    A coupon outside its window is refused even if the sweep is late.

    Raises:
        CouponNotUsable: one of them is not this person's, not free, or outside its window.
    """
    wanted = {UUID(str(reference)) for reference in coupon_references}
    if not wanted:
        return
    rows = UserCoupon.objects.filter(
        reference__in=wanted, user_id=user_id, valid_from__lte=now, valid_until__gt=now
    )
    moved = advance(
        _by_id(rows).filter(valid_until__gt=now),
        COUPON_LIFE,
        "lock",
        actor=SYSTEM,
        now=now,
        order_reference=order_reference,
    )
    if len(moved) < len(wanted):
        raise CouponNotUsable(coupons=_left_out(wanted, moved))


@needs_transaction
def unlock(order_reference: Reference, *, now: datetime) -> None:
    """Free the coupons of an order that will never be paid; their money stays set aside.

    One that has run out meanwhile is left to the expiry.
    """
    rows = UserCoupon.objects.filter(order_reference=order_reference)
    advance(_by_id(rows), COUPON_LIFE, "unlock", actor=SYSTEM, now=now, order_reference=None)


@needs_transaction
def redeem(order_reference: Reference, uses: Sequence[Use], *, now: datetime) -> dict[str, int]:
    """Use the coupons of a paid order and spend what they really cost: `{budget reference: fen}`.

    The spare stays set aside until the coupon can no longer come back. A repeated call changes
    nothing and returns the same.
    """
    rows = UserCoupon.objects.filter(order_reference=order_reference)
    moved = advance(_by_id(rows), COUPON_LIFE, "redeem", actor=SYSTEM, now=now, used_at=now)
    if moved:
        _note_uses(moved, UUID(str(order_reference)), uses, now)
    return spent_by_budget(order_reference)


@needs_transaction
def give_back(order_reference: Reference, *, now: datetime) -> dict[str, int]:
    """Return the coupons of an order refunded before anything left: `{budget reference: fen}`.

    What was spent is set aside again; a coupon that has run out meanwhile expires and its money is
    free. Pieces of the batch stay taken. Coupons whose spare was released stay used.
    """
    rows = UserCoupon.objects.filter(
        order_reference=order_reference, state=CouponState.USED, settled_at=None
    )
    coupons = list(rows.select_for_update(of=("self",), no_key=True).order_by("id"))
    if not coupons:
        return {}
    ids = [coupon.pk for coupon in coupons]
    back = _by_budget(CouponUse.objects.filter(coupon__in=ids, reversed_at=None))
    CouponUse.objects.filter(coupon__in=ids, reversed_at=None).update(reversed_at=now)
    lapsed = [coupon for coupon in coupons if coupon.valid_until <= now]
    living = [coupon for coupon in coupons if coupon.valid_until > now]
    _leave_the_order(living, "give_back", now)
    _leave_the_order(lapsed, "lapse", now, expired_at=now)
    for coupon in coupons:
        drawing.unspend(owner=owner_of(coupon.reference))
    drawing.release_many([owner_of(coupon.reference) for coupon in lapsed])
    return back


@needs_transaction
def release_spare(order_reference: Reference, *, now: datetime) -> None:
    """Free what the coupons of an order did not need: the first parcel has left."""
    rows = UserCoupon.objects.filter(
        order_reference=order_reference, state=CouponState.USED, settled_at=None
    )
    coupons = list(rows.select_for_update(of=("self",), no_key=True).order_by("id"))
    UserCoupon.objects.filter(pk__in=[coupon.pk for coupon in coupons]).update(settled_at=now)
    drawing.release_many([owner_of(coupon.reference) for coupon in coupons])


def spent_by_budget(order_reference: Reference) -> dict[str, int]:
    """Return what an order's coupons cost each budget now, by the budget's reference."""
    return _by_budget(CouponUse.objects.filter(order_reference=order_reference, reversed_at=None))


def _by_id(rows: QuerySet[UserCoupon]) -> QuerySet[UserCoupon]:
    # Coupons are locked in id order, so that two transactions queue up instead of deadlocking.
    ordered = rows.select_for_update(no_key=True).order_by("id")
    return UserCoupon.objects.filter(pk__in=ordered.values("pk"))


def _left_out(wanted: Iterable[UUID], moved: Sequence[int]) -> list[str]:
    found = UserCoupon.objects.filter(pk__in=moved).values_list("reference", flat=True)
    return sorted(str(reference) for reference in set(wanted) - set(found))


def _note_uses(
    coupon_ids: Sequence[int], order_reference: UUID, uses: Sequence[Use], now: datetime
) -> None:
    coupons = {
        str(coupon.reference): coupon
        for coupon in UserCoupon.objects.filter(pk__in=coupon_ids).order_by("id")
    }
    parts = BatchFunding.objects.filter(
        batch_id__in=[coupon.batch_id for coupon in coupons.values()], budget__isnull=False
    )
    budgets = {
        (batch_id, funder): (budget_id, quota_id)
        for batch_id, funder, budget_id, quota_id in parts.values_list(
            "batch_id", "funder", "budget_id", "budget__quota_id"
        )
    }
    spent: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = []
    for use in uses:
        coupon = coupons[str(use.coupon_reference)]
        budget_id, quota_id = budgets.get((coupon.batch_id, use.funder), (None, 0))
        if budget_id is not None:
            spent[str(coupon.reference)][quota_id] += use.amount_fen
        rows.append(
            CouponUse(
                coupon=coupon,
                order_reference=order_reference,
                line_reference=use.line_reference,
                funder=use.funder,
                budget_id=budget_id,
                amount_fen=use.amount_fen,
                used_at=now,
            )
        )
    CouponUse.objects.bulk_create(rows)
    # At most one coupon of an order, the platform's, is paid out of budgets.
    for reference, coupon in coupons.items():
        if reference in spent:
            drawing.spend(owner=owner_of(coupon.reference), amounts=dict(spent[reference]))


def _leave_the_order(
    coupons: Sequence[UserCoupon], action: str, now: datetime, **stamps: Any
) -> None:
    advance(
        UserCoupon.objects.filter(pk__in=[coupon.pk for coupon in coupons]),
        COUPON_LIFE,
        action,
        actor=SYSTEM,
        now=now,
        order_reference=None,
        used_at=None,
        **stamps,
    )


def _by_budget(uses: QuerySet[CouponUse]) -> dict[str, int]:
    rows = (
        uses.filter(budget__isnull=False)
        .annotate(budget_reference=F("budget__reference"))
        .values("budget_reference")
        .annotate(spent_fen=Sum("amount_fen"))
        .order_by("budget_reference")
    )
    return {str(row["budget_reference"]): row["spent_fen"] for row in rows}
