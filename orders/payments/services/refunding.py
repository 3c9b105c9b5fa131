"""Giving money back: asked for inside a transaction, sent outside of one, once."""

from datetime import datetime, timedelta

import structlog
from django.db.models import F

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import Rows, advance, advance_one, begin
from core.ledger.models import AccountKind
from core.ledger.services import posting
from core.outbox.recording import record
from core.pacing import Backoff
from core.transactions import entry, needs_transaction
from orders.payments.domain.states import REFUND, RefundReason, RefundState, Verdict
from orders.payments.events import RefundPaid
from orders.payments.models import Payment, Refund
from orders.payments.providers import registry
from orders.payments.providers.protocol import ProviderUnavailable, RefundRefused

ATTEMPTS_MAX = 20
BACKOFF = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=10))

log = structlog.get_logger(__name__)


@needs_transaction
def request(payment: Payment, *, amount_fen: int, reason: RefundReason, now: datetime) -> bool:
    """Set an amount of a payment aside to go back; return False where nothing is left of it.

    A second request for the same reason does nothing.
    """
    if Refund.objects.filter(payment=payment, reason=reason).exists():
        return False
    # The guard: a payment never gives back more than it brought, whoever asks at the same time.
    left = Payment.objects.filter(pk=payment.pk, refunded_fen__lte=F("captured_fen") - amount_fen)
    if not left.update(refunded_fen=F("refunded_fen") + amount_fen):
        return False
    _owe(payment, reason, amount_fen, now)
    return True


@needs_transaction
def compensate(payment: Payment, *, amount_fen: int, now: datetime) -> None:
    """Owe whoever made a payment something on top of it, once; it is nothing that they paid."""
    earlier = Refund.objects.filter(payment=payment, reason=RefundReason.COMPENSATION)
    if not earlier.exists():
        _owe(payment, RefundReason.COMPENSATION, amount_fen, now)


def _owe(payment: Payment, reason: RefundReason, amount_fen: int, now: datetime) -> None:
    refund = Refund(
        payment=payment,
        reason=reason,
        amount_fen=amount_fen,
        requested_at=now,
        next_attempt_at=now,
    )
    begin(refund, REFUND, actor=SYSTEM, now=now)


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Ask the providers for the refunds that are due; return how many succeeded.

    One that fails backs off, and at last waits for a person; the others go on.
    """
    due = (
        Refund.objects.filter(state=RefundState.REQUESTED, next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")
        .values_list("pk", flat=True)[:limit]
    )
    return sum(_send_alone(refund_id, now=now) for refund_id in list(due))


def send(refund_id: int, *, now: datetime) -> bool:
    """Ask the provider for one refund; repeating it is harmless, since our reference is the key."""
    refund = Refund.objects.select_related("payment__order").get(pk=refund_id)
    payment = refund.payment
    try:
        desk = registry.provider(payment.provider)
        give = desk.compensate if refund.reason == RefundReason.COMPENSATION else desk.refund
        give(
            reference=str(payment.reference),
            refund_reference=str(refund.reference),
            amount_fen=refund.amount_fen,
            now=now,
        )
    except ProviderUnavailable:
        _put_off(refund, now)
        return False
    except RefundRefused:
        _park(refund.pk, now=now)
        return False
    return _settle(refund, now=now)


def _send_alone(refund_id: int, *, now: datetime) -> bool:
    try:
        return send(refund_id, now=now)
    except Exception:
        # Whatever it is, it must not block the refunds behind it.
        log.exception("refund_failed", refund=refund_id)
        _put_off(Refund.objects.get(pk=refund_id), now)
        return False


@entry
def rerun(refund_id: int, *, actor: Actor, now: datetime) -> None:
    """Send a parked refund on its way again, at a person's word."""
    advance_one(
        Rows(Refund, "id", refund_id),
        REFUND,
        "rerun",
        actor=actor,
        now=now,
        attempts=0,
        next_attempt_at=now,
    )


@entry
def _settle(refund: Refund, *, now: datetime) -> bool:
    row = Rows(Refund, "id", refund.pk)
    if not advance(
        row, REFUND, "succeed", actor=SYSTEM, now=now, refunded_at=now, next_attempt_at=None
    ):
        return False
    payment = refund.payment
    clearing = (
        AccountKind.REFUND_CLEARING
        if payment.verdict == Verdict.APPLIED
        else AccountKind.LATE_CLEARING
    )
    posting.post(
        kind="REFUND_PAID",
        reference=str(refund.reference),
        postings=[
            posting.Posting(clearing, payment.provider, refund.amount_fen),
            posting.Posting(AccountKind.PROVIDER_CLEARING, payment.provider, -refund.amount_fen),
        ],
        now=now,
    )
    told = RefundPaid(str(payment.order.reference), str(refund.reference), refund.reason)
    record(told, now=now)
    return True


def _put_off(refund: Refund, now: datetime) -> None:
    if refund.attempts + 1 >= ATTEMPTS_MAX:
        _park(refund.pk, now=now)
        return
    Refund.objects.filter(pk=refund.pk, state=RefundState.REQUESTED).update(
        attempts=F("attempts") + 1, next_attempt_at=now + BACKOFF.after(refund.attempts)
    )


@entry
def _park(refund_id: int, *, now: datetime) -> None:
    advance(
        Rows(Refund, "id", refund_id),
        REFUND,
        "park",
        actor=SYSTEM,
        now=now,
        next_attempt_at=None,
    )
