"""FINALIZE: what a provider took is accepted, once, and put to use or sent back."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import connection

from core.audit.actors import SYSTEM
from core.audit.advancing import Rows, advance
from core.errors import DomainError
from core.ledger.models import AccountKind
from core.ledger.services import posting
from core.transactions import entry, needs_transaction
from orders.payments.domain.states import PAYMENT, Instalment, RefundReason, Verdict
from orders.payments.models import Payment, ProviderEvent
from orders.payments.providers import registry
from orders.payments.providers.protocol import Answer, ChargeState, Notice
from orders.payments.selectors import payable
from orders.payments.services import refunding
from orders.placement.services import lifecycle

log = structlog.get_logger(__name__)


class UnknownPayment(DomainError):
    """This payment is not known here."""

    code = "UNKNOWN_PAYMENT"
    zh = "没有找到这笔支付。"
    status = 404


def receive(provider: str, *, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Take a provider's callback; return False for one that was taken before.

    Raises:
        SignatureInvalid: the provider did not sign this, or too long ago.
        UnknownPayment: the provider speaks of a payment that we never asked for.
    """
    notice = registry.provider(provider).read_callback(headers=headers, body=body, now=now)
    return _take(provider, notice, now=now)


@entry
def apply_answer(payment_id: int, answer: Answer, *, now: datetime) -> Verdict:
    """Put to use what the provider answered when we asked about a payment that is PAID."""
    return _capture(Payment.objects.get(pk=payment_id), answer, now=now)


def inspect(payment_id: int, *, now: datetime) -> Verdict:
    """Ask the provider about a quarantined payment and let its books decide."""
    payment = Payment.objects.get(pk=payment_id)
    answer = registry.provider(payment.provider).close(reference=str(payment.reference))
    if answer.state is ChargeState.PAID and answer.amount_fen == payment.amount_fen:
        return apply_answer(payment_id, answer, now=now)
    return _resolve(payment, answer, now=now)


@entry
def _resolve(payment: Payment, answer: Answer, *, now: datetime) -> Verdict:
    if answer.state is ChargeState.PAID:
        if _succeed(payment, answer, Verdict.WRONG, now=now):
            _send_back(payment, answer.amount_fen, Verdict.WRONG, now=now)
    elif answer.state is not ChargeState.PENDING:
        advance(
            Rows(Payment, "id", payment.pk),
            PAYMENT,
            "close",
            actor=SYSTEM,
            now=now,
            verdict=Verdict.NONE,
            closed_at=now,
        )
    return _verdict_of(payment)


@entry
def _take(provider: str, notice: Notice, *, now: datetime) -> bool:
    payment = payable.payment_named(provider, notice.payment_reference)
    if payment is None:
        raise UnknownPayment(payment=notice.payment_reference)
    if not _note(provider, notice, payment, now):
        return False
    if notice.answer.state is ChargeState.PAID:
        _capture(payment, notice.answer, now=now)
    return True


def _note(provider: str, notice: Notice, payment: Payment, now: datetime) -> bool:
    # The inbox row and its effect commit together; a repetition finds the row and stops here.
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ProviderEvent._meta.db_table}"  # noqa: S608, SLF001 - no input in it.
            " (provider, event_id, payment_id, amount_fen, received_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
            [provider, notice.event_id, payment.pk, notice.answer.amount_fen, now],
        )
        return cursor.fetchone() is not None


@needs_transaction
def _capture(payment: Payment, answer: Answer, *, now: datetime) -> Verdict:
    """Judge a capture: it pays the order, or comes late, twice or wrong.

    Lock order: the payment's row, then the order, coupons and quotas inside `mark_paid`.
    """
    if answer.amount_fen != payment.amount_fen:
        return _quarantine(payment, now=now)
    if not _succeed(payment, answer, Verdict.LATE, now=now):
        return _verdict_of(payment)
    take = (
        lifecycle.take_deposit if payment.instalment == Instalment.DEPOSIT else lifecycle.mark_paid
    )
    if take(payment.order_id, provider=payment.provider, now=now, paid_at=answer.captured_at):
        return _judge(payment, Verdict.APPLIED)
    was_paid = payable.was_paid(payment.order_id, payment.instalment)
    verdict = Verdict.DUPLICATE if was_paid else Verdict.LATE
    _send_back(payment, answer.amount_fen, verdict, now=now)
    return _judge(payment, verdict)


@needs_transaction
def _quarantine(payment: Payment, *, now: datetime) -> Verdict:
    moved = advance(
        Rows(Payment, "id", payment.pk),
        PAYMENT,
        "quarantine",
        actor=SYSTEM,
        now=now,
        reason="the amount is not what was asked for",
        verdict=Verdict.QUARANTINED,
        next_attempt_at=None,
    )
    if moved:
        log.error("payment quarantined", payment=str(payment.reference))
    return _verdict_of(payment)


def _succeed(payment: Payment, answer: Answer, verdict: Verdict, *, now: datetime) -> bool:
    return bool(
        advance(
            Rows(Payment, "id", payment.pk),
            PAYMENT,
            "succeed",
            actor=SYSTEM,
            now=now,
            verdict=verdict,
            captured_fen=answer.amount_fen,
            captured_at=answer.captured_at or now,
            provider_transaction=answer.transaction,
            next_attempt_at=None,
        )
    )


_JUDGE = "UPDATE payments_payment SET verdict = %s WHERE id = %s AND state = 'SUCCEEDED'"


def _judge(payment: Payment, verdict: Verdict) -> Verdict:
    with connection.cursor() as cursor:
        cursor.execute(_JUDGE, [verdict, payment.pk])
    return verdict


def _verdict_of(payment: Payment) -> Verdict:
    return Verdict(Payment.objects.values_list("verdict", flat=True).get(pk=payment.pk))


_REASONS = {
    Verdict.DUPLICATE: RefundReason.DUPLICATE_PAYMENT,
    Verdict.LATE: RefundReason.LATE_PAYMENT,
    Verdict.WRONG: RefundReason.WRONG_AMOUNT,
}


def _send_back(payment: Payment, captured_fen: int, verdict: Verdict, *, now: datetime) -> None:
    # Money that pays no order waits in clearing until it has gone back.
    posting.post(
        kind="UNAPPLIED_CAPTURE",
        reference=str(payment.reference),
        postings=[
            posting.Posting(AccountKind.PROVIDER_CLEARING, payment.provider, captured_fen),
            posting.Posting(AccountKind.LATE_CLEARING, payment.provider, -captured_fen),
        ],
        now=now,
    )
    refunding.request(payment, amount_fen=captured_fen, reason=_REASONS[verdict], now=now)
