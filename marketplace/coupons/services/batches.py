"""Drafting batches of coupons: judged by every rule, stored whole."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.actors import Actor
from core.audit.advancing import log_birth
from core.quotas.models import Kind
from core.quotas.selectors import availability
from core.quotas.services import opening
from core.transactions import needs_transaction
from marketplace.coupons.domain import drafts
from marketplace.coupons.domain.drafts import Draft, Wrong
from marketplace.coupons.domain.kinds import Issuer
from marketplace.coupons.domain.states import BATCH_LIFE, BatchState
from marketplace.coupons.models import BatchFunding, BatchScope, BatchShop, CouponBatch
from marketplace.coupons.selectors import targets
from marketplace.coupons.services import wrongs
from shops.storefronts.models import Shop

# A large batch is claimed by a crowd: its pieces are spread over this many shards.
SHARDS = 16
LARGE_PIECES = 1_000

_NOT_COLUMNS = {"scope", "funding", "quantity"}


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
    judged = _accepted(wanted, issuer_shop)
    quota_id = opening.open_quota(
        Kind.BATCH,
        total=wanted.quantity,
        shards=SHARDS if wanted.quantity >= LARGE_PIECES else 1,
    )
    batch = CouponBatch.objects.create(
        **_columns(wanted),
        issuer_shop=issuer_shop,
        quota_id=quota_id,
        created_by_id=actor.user_id,
        created_at=now,
    )
    _write_parts(batch, wanted, judged)
    if issuer_shop is not None:
        BatchShop.objects.create(
            batch=batch, shop=issuer_shop, accepted_by_id=actor.user_id, accepted_at=now
        )
    log_birth(BATCH_LIFE, [batch.pk], BatchState.DRAFT, actor=actor, now=now)
    return batch


@needs_transaction
def redraft(batch: CouponBatch, wanted: Draft) -> None:
    """Describe a draft anew; its caller has locked it.

    Shops that had accepted it must accept again: nobody bears what they did not read.

    Raises:
        InvalidInput: with a fault for every rule of `domain.md` 2.2 that it breaks.
    """
    judged = _accepted(wanted, batch.issuer_shop)
    change_quantity(batch.quota_id, wanted.quantity)
    CouponBatch.objects.filter(pk=batch.pk).update(**_columns(wanted))
    BatchScope.objects.filter(batch=batch).delete()
    BatchFunding.objects.filter(batch=batch).delete()
    _write_parts(batch, wanted, judged)
    if batch.issuer == Issuer.PLATFORM:
        BatchShop.objects.filter(batch=batch).delete()


def judge(wanted: Draft, *, issuer_shop: Shop | None = None) -> list[Wrong]:
    """Return every rule that a draft would break, without storing anything."""
    return _judged(wanted, issuer_shop).broken


@needs_transaction
def change_quantity(quota_id: int, quantity: int) -> None:
    """Give a batch more or fewer pieces; one that has grown large is spread over shards.

    Raises:
        drawing.Exhausted: fewer are left than would be taken away.
    """
    present = availability.figures([quota_id])[quota_id].total
    if quantity > present:
        opening.top_up(quota_id, quantity - present)
        if present < LARGE_PIECES <= quantity:
            opening.split(quota_id, SHARDS)
    elif quantity < present:
        opening.shrink(quota_id, present - quantity)


def _accepted(wanted: Draft, issuer_shop: Shop | None) -> _Judged:
    judged = _judged(wanted, issuer_shop)
    if judged.broken:
        raise wrongs.refusal_of(judged.broken)
    return judged


def _judged(wanted: Draft, issuer_shop: Shop | None) -> _Judged:
    scope = targets.scope_rows(wanted.scope, only_shop=issuer_shop)
    budgets, unknown = targets.budgets_by_reference(wanted.funding)
    broken = [*drafts.wrongs_of(wanted), *scope.wrongs, *unknown]
    if (wanted.issuer == Issuer.SHOP) != (issuer_shop is not None):
        broken.append(Wrong("/issuer", "ISSUER_DOES_NOT_FIT"))
    return _Judged(scope.rows, budgets, broken)


def _columns(wanted: Draft) -> dict[str, Any]:
    # Not asdict: it would copy up to 2,000 references for nothing.
    names = [part.name for part in fields(Draft) if part.name not in _NOT_COLUMNS]
    return {name: getattr(wanted, name) for name in names}


def _write_parts(batch: CouponBatch, wanted: Draft, judged: _Judged) -> None:
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
