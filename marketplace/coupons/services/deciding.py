"""Putting a batch to work and stopping it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from core.audit.actors import Actor
from core.audit.advancing import advance_one
from core.errors import IllegalTransition, NotFound
from core.transactions import needs_transaction
from marketplace.coupons.domain.states import BATCH_LIFE
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.services import approving, voiding
from shops.storefronts.models import Shop

ACTIONS = ("submit", "approve", "reject", "pause", "resume", "end", "close")
# What only the platform does, to its own batches and to those of shops.
STAFF_ACTIONS = (*ACTIONS, "void")


@needs_transaction
def decide(
    reference: UUID,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    issuer_shop: Shop | None = None,
) -> CouponBatch:
    """Move a batch along its life.

    While it is paused claims stop and claimed coupons stay usable; once it has ended claims never
    come back. From the instant it is voided none of its unspent coupons counts any more.

    Raises:
        InvalidInput: it is to be voided, and nobody says why.
        NotFound: there is no such batch, or it is not this shop's.
        IllegalTransition: it does not stand where the action can start.
        BatchScopeEmpty, BatchMissesSection, BatchAbovePrice, SecondOfficerNeeded: as
            `approving.judge` says, of an approval.
    """
    rows = CouponBatch.objects.filter(reference=reference)
    if issuer_shop is not None:
        rows = rows.filter(issuer_shop=issuer_shop)
    if not rows.exists():
        raise NotFound(subject="coupon_batch")
    if action == "void":
        voiding.insist_on_a_reason(reason)
        rows = rows.filter(voided_at__isnull=True)
    stamps = _STAMPS.get(action, _nothing)(actor, now)
    if action == "approve":
        stamps |= _approval(rows, actor, now)
    advance_one(rows, BATCH_LIFE, action, actor=actor, now=now, reason=reason, **stamps)
    return CouponBatch.objects.get(reference=reference)


def _approval(rows: QuerySet[CouponBatch], actor: Actor, now: datetime) -> dict[str, Any]:
    # Held from here on, so that nobody adds pieces between the look and the approval.
    batch = rows.select_for_update(of=("self",), no_key=True).get()
    if BATCH_LIFE.next_of(batch.state, "approve") is None:
        raise IllegalTransition(subject=BATCH_LIFE.subject, action="approve")
    return approving.judge(batch, actor=actor, now=now).stamps()


def _submitted(actor: Actor, now: datetime) -> dict[str, Any]:
    return {"submitted_by_id": actor.user_id, "submitted_at": now}


def _approved(actor: Actor, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    return {"approved_at": now}


def _ended(actor: Actor, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    return {"ended_at": now}


def _voided(actor: Actor, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    # One that had ended before keeps the instant of its end.
    return {"voided_at": now, "ended_at": Coalesce(F("ended_at"), now)}


def _nothing(actor: Actor, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    return {}


_STAMPS: dict[str, Callable[[Actor, datetime], dict[str, Any]]] = {
    "submit": _submitted,
    "approve": _approved,
    "end": _ended,
    "void": _voided,
}
