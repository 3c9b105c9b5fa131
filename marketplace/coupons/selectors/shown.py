"""Budgets and batches with their live figures, complete for whoever shows them."""

from datetime import datetime
from uuid import UUID

from django.db.models import BigIntegerField, Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.errors import NotFound
from core.quotas.models import QuotaShard
from marketplace.coupons.domain.drafts import Wrong
from marketplace.coupons.domain.kinds import Funder, Issuer
from marketplace.coupons.domain.states import OPEN_TO_SHOPS, BatchState, CouponState
from marketplace.coupons.models import (
    BatchShop,
    ClaimCount,
    CouponBatch,
    CouponBudget,
    UserCoupon,
)
from marketplace.sections.models import Section
from shops.storefronts.models import Shop


def budgets() -> QuerySet[CouponBudget]:
    """Return all budgets, each with `total_fen`, `reserved_fen` and `spent_fen`."""
    return CouponBudget.objects.select_related("organisation").annotate(
        total_fen=_shards("total"), reserved_fen=_shards("held"), spent_fen=_shards("spent")
    )


def budget(reference: UUID) -> CouponBudget:
    """Return one budget with its figures.

    Raises:
        NotFound: there is none.
    """
    found = budgets().filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="coupon_budget")
    return found


def batches(*, issuer_shop: Shop | None = None) -> QuerySet[CouponBatch]:
    """Return all batches, or a shop's own, each with `quantity`, `claimed` and `used`."""
    used = (
        UserCoupon.objects.filter(batch=OuterRef("pk"), state=CouponState.USED)
        .order_by()
        .values("batch")
        .annotate(coupons=Count("pk"))
    )
    rows = _complete(CouponBatch.objects.all()).annotate(
        used=Coalesce(Subquery(used.values("coupons")), 0)
    )
    return rows if issuer_shop is None else rows.filter(issuer_shop=issuer_shop)


def batch(reference: UUID, *, issuer_shop: Shop | None = None) -> CouponBatch:
    """Return one batch with its figures.

    Raises:
        NotFound: there is none, or it is not this shop's.
    """
    found = batches(issuer_shop=issuer_shop).filter(reference=reference).first()  # Unique.
    if found is None:
        raise NotFound(subject="coupon_batch")
    return found


def claimable(
    user_id: int, now: datetime, *, section: str | None = None
) -> tuple[QuerySet[CouponBatch], list[Wrong]]:
    """Return the batches that can be claimed from now, each with how many this person has.

    With a section, those that name it; a section nobody knows is told as wrong.
    """
    mine = ClaimCount.objects.filter(batch=OuterRef("pk"), user_id=user_id)
    rows = _complete(
        CouponBatch.objects.filter(
            state=BatchState.ACTIVE, claim_from__lte=now, claim_until__gt=now, by_code=False
        )
    ).annotate(mine=Coalesce(Subquery(mine.values("claimed")), 0))
    if section is None:
        return rows, []
    found = Section.objects.filter(slug=section).values_list("pk", flat=True).first()
    if found is None:
        return rows.none(), [Wrong("/section", "UNKNOWN")]
    return rows.filter(scope__section_id=found), []


def offered_from(budget_id: int, now: datetime) -> QuerySet[CouponBatch]:
    """Return the batches that a budget pays for and that can be claimed from now."""
    return _complete(
        CouponBatch.objects.filter(
            state=BatchState.ACTIVE,
            claim_from__lte=now,
            claim_until__gt=now,
            by_code=False,
            funding__budget=budget_id,
        )
    )


def joinable(shop: Shop) -> QuerySet[CouponBatch]:
    """Return the platform's batches that ask shops for their part, with when this one agreed.

    Drafts are shown only to the shop that has accepted them already.
    """
    joined = BatchShop.objects.filter(batch=OuterRef("pk"), shop=shop)
    accepted = shop_batches(shop)
    rows = _complete(
        CouponBatch.objects.filter(issuer=Issuer.PLATFORM, funding__funder=Funder.SHOP)
    ).annotate(accepted_at=Subquery(joined.values("accepted_at")))
    asked = rows.filter(state__in=OPEN_TO_SHOPS).exclude(state=BatchState.DRAFT)
    return asked | rows.filter(pk__in=accepted)


def shop_batches(shop: Shop) -> QuerySet[BatchShop, int]:
    """Return the keys of the batches a shop has accepted."""
    return BatchShop.objects.filter(shop=shop).values_list("batch_id", flat=True)


def _complete(rows: QuerySet[CouponBatch]) -> QuerySet[CouponBatch]:
    return (
        rows.annotate(quantity=_shards("total"), claimed=_shards("spent"))
        .select_related("issuer_shop")
        .prefetch_related(
            "funding__budget", "scope__section", "scope__category", "scope__product", "scope__shop"
        )
    )


def _shards(column: str) -> Coalesce:
    sums = (
        QuotaShard.objects.filter(quota=OuterRef("quota"))
        .order_by()
        .values("quota")
        .annotate(figure=Sum(column))
    )
    return Coalesce(
        Subquery(sums.values("figure"), output_field=BigIntegerField()),
        Value(0, output_field=BigIntegerField()),
    )
