"""Drafting batches of coupons, and what of them may still be changed once they run."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.audit.advancing import log_birth
from core.errors import IllegalTransition, NotFound
from core.quotas.models import Kind
from core.quotas.selectors import availability
from core.quotas.services import opening
from core.transactions import needs_transaction
from marketplace.campaigns.domain import drafts
from marketplace.campaigns.domain.drafts import Draft, Wrong
from marketplace.campaigns.domain.kinds import Issuer
from marketplace.campaigns.domain.states import BATCH_LIFE, GROWING, BatchState
from marketplace.campaigns.models import BatchFunding, BatchScope, BatchShop, CouponBatch
from marketplace.campaigns.selectors import targets
from marketplace.campaigns.services import wrongs
from shops.storefronts.models import Shop

# A large batch is claimed by a crowd: its pieces are spread over this many shards.
SHARDS = 16
LARGE_PIECES = 1_000


@dataclass(frozen=True, slots=True)
class Growth:
    """What may still change after a batch was drafted: more pieces, later ends."""

    quantity: int | None = None
    claim_until: datetime | None = None
    use_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    scope: list[BatchScope]
    budgets: dict[UUID, int]
    broken: list[Wrong]


@needs_transaction
def draft(
    wanted: Draft, *, actor: Actor, now: datetime, issuer_shop: Shop | None = None
) -> CouponBatch:
    """Write down a new batch; nobody can claim from it before it was approved.

    A shop's own batch is accepted by that shop in being drafted.

    Raises:
        InvalidInput: with a fault for every rule of `domain.md` 2.2 that it breaks.
    """
    judged = _judged(wanted, issuer_shop)
    if judged.broken:
        raise wrongs.refusal_of(judged.broken)
    batch = _insert(wanted, actor=actor, now=now, issuer_shop=issuer_shop)
    for row in judged.scope:
        row.batch = batch
    # A thing that is named twice is meant once.
    BatchScope.objects.bulk_create(judged.scope, ignore_conflicts=True)
    BatchFunding.objects.bulk_create(
        BatchFunding(
            batch=batch,
            funder=part.funder,
            bp=part.bp,
            budget_id=judged.budgets[part.budget] if part.budget else None,
        )
        for part in wanted.funding
    )
    if issuer_shop is not None:
        BatchShop.objects.create(
            batch=batch, shop=issuer_shop, accepted_by_id=actor.user_id, accepted_at=now
        )
    log_birth(BATCH_LIFE, [batch.pk], BatchState.DRAFT, actor=actor, now=now)
    return batch


def judge(wanted: Draft, *, issuer_shop: Shop | None = None) -> list[Wrong]:
    """Return every rule that a draft would break, without storing anything."""
    return _judged(wanted, issuer_shop).broken


@needs_transaction
def grow(reference: UUID, growth: Growth, *, issuer_shop: Shop | None = None) -> CouponBatch:
    """Give a batch more pieces or a later end; coupons that were claimed keep their own end.

    Raises:
        NotFound: there is no such batch, or it is not this shop's.
        IllegalTransition: it is over.
        InvalidInput: something would shrink or come earlier.
    """
    rows = CouponBatch.objects.select_for_update(of=("self",), no_key=True)
    batch = rows.filter(reference=reference, **_reach(issuer_shop)).first()  # Unique.
    if batch is None:
        raise NotFound(subject="coupon_batch")
    if batch.state not in GROWING:
        raise IllegalTransition(subject=BATCH_LIFE.subject, action="edit", state=batch.state)
    present = availability.figures([batch.quota_id])[batch.quota_id].total
    broken = _shrinks(batch, growth, present)
    if broken:
        raise wrongs.refusal_of(broken)
    if growth.quantity is not None and growth.quantity > present:
        opening.top_up(batch.quota_id, growth.quantity - present)
        if present < LARGE_PIECES <= growth.quantity:
            opening.split(batch.quota_id, SHARDS)
    batch.claim_until = growth.claim_until or batch.claim_until
    batch.use_until = growth.use_until or batch.use_until
    CouponBatch.objects.filter(pk=batch.pk).update(
        claim_until=batch.claim_until, use_until=batch.use_until
    )
    return batch


def _judged(wanted: Draft, issuer_shop: Shop | None) -> _Judged:
    scope = targets.scope_rows(wanted.scope, only_shop=issuer_shop)
    budgets, unknown = targets.budgets_by_reference(wanted.funding)
    broken = [*drafts.wrongs_of(wanted), *scope.wrongs, *unknown]
    if (wanted.issuer == Issuer.SHOP) != (issuer_shop is not None):
        broken.append(Wrong("/issuer", "ISSUER_DOES_NOT_FIT"))
    return _Judged(scope.rows, budgets, broken)


def _reach(issuer_shop: Shop | None) -> dict[str, object]:
    return {} if issuer_shop is None else {"issuer_shop": issuer_shop}


def _insert(wanted: Draft, *, actor: Actor, now: datetime, issuer_shop: Shop | None) -> CouponBatch:
    quota_id = opening.open_quota(
        Kind.BATCH,
        total=wanted.quantity,
        shards=SHARDS if wanted.quantity >= LARGE_PIECES else 1,
    )
    return CouponBatch.objects.create(
        name=wanted.name,
        issuer=wanted.issuer,
        issuer_shop=issuer_shop,
        kind=wanted.kind,
        commit_mode=wanted.commit_mode,
        threshold_fen=wanted.threshold_fen,
        threshold_pieces=wanted.threshold_pieces,
        amount_fen=wanted.amount_fen,
        discount_bp=wanted.discount_bp,
        max_discount_fen=wanted.max_discount_fen,
        quota_id=quota_id,
        per_user_limit=wanted.per_user_limit,
        claim_from=wanted.claim_from,
        claim_until=wanted.claim_until,
        use_from=wanted.use_from,
        use_until=wanted.use_until,
        days_after_claim=wanted.days_after_claim,
        allow_on_activity_price=wanted.allow_on_activity_price,
        created_by_id=actor.user_id,
        created_at=now,
    )


def _shrinks(batch: CouponBatch, growth: Growth, present: int) -> list[Wrong]:
    broken = []
    if growth.quantity is not None and growth.quantity < present:
        broken.append(Wrong("/quantity", "ONLY_UPWARDS"))
    if growth.claim_until is not None and growth.claim_until < batch.claim_until:
        broken.append(Wrong("/claim_until", "ONLY_LATER"))
    if growth.use_until is not None and (
        batch.use_until is None or growth.use_until < batch.use_until
    ):
        broken.append(Wrong("/use_until", "ONLY_LATER"))
    claims_end = growth.claim_until or batch.claim_until
    use_ends = growth.use_until or batch.use_until
    if use_ends is not None and use_ends < claims_end:
        broken.append(Wrong("/use_until", "USE_ENDS_BEFORE_CLAIMS"))
    return broken
