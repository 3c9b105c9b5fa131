"""A stored batch as its author described it."""

from uuid import UUID

from core.quotas.selectors import availability
from marketplace.coupons.domain.drafts import Draft, WantedFunding, WantedScope
from marketplace.coupons.domain.kinds import ScopeBy
from marketplace.coupons.models import BatchFunding, BatchScope, CouponBatch


def draft_of(batch: CouponBatch) -> Draft:
    """Return the draft that would make this batch again."""
    return Draft(
        name=batch.name,
        issuer=batch.issuer,
        kind=batch.kind,
        quantity=availability.figures([batch.quota_id])[batch.quota_id].total,
        per_user_limit=batch.per_user_limit,
        claim_from=batch.claim_from,
        claim_until=batch.claim_until,
        funding=_funding(batch),
        commit_mode=batch.commit_mode,
        threshold_fen=batch.threshold_fen,
        threshold_pieces=batch.threshold_pieces,
        amount_fen=batch.amount_fen,
        discount_bp=batch.discount_bp,
        max_discount_fen=batch.max_discount_fen,
        scope=_scope(batch),
        use_from=batch.use_from,
        use_until=batch.use_until,
        days_after_claim=batch.days_after_claim,
        allow_on_activity_price=batch.allow_on_activity_price,
        by_code=batch.by_code,
        grace_hours_on_return=batch.grace_hours_on_return,
    )


def _funding(batch: CouponBatch) -> tuple[WantedFunding, ...]:
    rows = BatchFunding.objects.filter(batch=batch).order_by("id")
    return tuple(
        WantedFunding(funder, bp, budget)
        for funder, bp, budget in rows.values_list("funder", "bp", "budget__reference")
    )


def _scope(batch: CouponBatch) -> WantedScope:
    rows = BatchScope.objects.filter(batch=batch).order_by("id")
    named: dict[str, list[str]] = {by: [] for by in ScopeBy.values}
    for by, *names in rows.values_list(
        "by",
        "section__slug",
        "region",
        "programme",
        "category__reference",
        "product__reference",
        "shop__reference",
    ):
        named[by] += [str(name) for name in names if name]
    return WantedScope(
        sections=tuple(named[ScopeBy.SECTION]),
        regions=tuple(named[ScopeBy.REGION]),
        programmes=tuple(named[ScopeBy.PROGRAMME]),
        categories=tuple(named[ScopeBy.CATEGORY]),
        products=tuple(UUID(name) for name in named[ScopeBy.PRODUCT]),
        shops=tuple(named[ScopeBy.SHOP]),
    )
