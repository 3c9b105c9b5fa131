"""Closing what was never paid, and cancelling: the provider is asked to close first."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import F

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import Rows, advance
from core.errors import DomainError, IllegalTransition
from core.transactions import entry, needs_transaction
from orders.payments.domain.states import PAYMENT, PaymentState, RefundReason
from orders.payments.models import Payment
from orders.payments.providers import registry
from orders.payments.providers.protocol import Answer, ChargeState, ProviderUnavailable
from orders.payments.selectors import payable
from orders.payments.services import capturing, refunding
from orders.placement.domain.states import OrderState
from orders.placement.models import Order
from orders.placement.services import lifecycle

log = structlog.get_logger(__name__)


class DepositStays(DomainError):
    """The deposit is paid and does not come back by cancelling; pay the balance in its time."""

    code = "DEPOSIT_STAYS"
    zh = "定金已支付，取消订单不退定金；请在尾款期内支付尾款。"


def close_overdue(*, now: datetime, limit: int = 200) -> int:
    """Close the orders whose time to pay is over; return how many were cancelled.

    One that cannot be closed backs off; the others go on.
    """
    order_ids = list(payable.overdue(now).values_list("pk", flat=True)[:limit])
    return sum(_close_alone(order_id, now=now) for order_id in order_ids)


def ask_due(*, now: datetime, limit: int = 100) -> int:
    """Ask the providers about payments that were never called back; return how many were paid.

    One that cannot be asked about backs off; the others go on.
    """
    due = Payment.objects.filter(
        state__in=(PaymentState.INIT, PaymentState.PROCESSING), next_attempt_at__lte=now
    ).order_by("next_attempt_at", "pk")[:limit]
    return sum(_ask_alone(payment, now=now) for payment in list(due))


def cancel(*, buyer_id: int, order_reference: UUID, now: datetime) -> None:
    """Cancel a buyer's order: an unpaid one is closed, a paid one refunded whole.

    Cancelling an order that is over already changes nothing.

    Raises:
        NotFound: no such order of this buyer.
        IllegalTransition: something of it was handed over to the carrier.
        DepositStays: its deposit is paid, and the balance is not.
        ProviderUnavailable: the payment provider does not answer.
    """
    order = payable.order_of(buyer_id=buyer_id, reference=order_reference)
    actor = Actor(buyer_id)
    _insist_on_no_deposit(order)
    if order.state == OrderState.PENDING_PAYMENT:
        if _close(order.id, actor=actor, reason="cancelled by the buyer", now=now):
            return
        # The provider had been paid after all, or somebody was faster: judge the order afresh.
        order = payable.order_of(buyer_id=buyer_id, reference=order_reference)
        _insist_on_no_deposit(order)
    if order.state == OrderState.PAID:
        _refund_whole(order.id, actor=actor, now=now)
    elif order.state == OrderState.PENDING_PAYMENT:
        raise ProviderUnavailable
    elif order.state == OrderState.COMPLETED:
        raise IllegalTransition(subject="order", action="cancel")


def close_unpaid(order_id: int, *, reason: str, now: datetime) -> bool:
    """Close an order before its time to pay is over; return whether it was cancelled.

    The provider is asked to close first. Where it was paid, or does not answer, the order stays.
    """
    return _close(order_id, actor=SYSTEM, reason=reason, now=now)


@needs_transaction
def undo(order_id: int, *, reason: RefundReason, actor: Actor, now: datetime) -> bool:
    """Undo a paid order that nobody has sent and owe the buyer all of it; False if it was before.

    Raises:
        AlreadyHandedOver: a carrier has part of it; the transaction must unwind.
    """
    if not lifecycle.close_refunded(order_id, actor=actor, now=now):
        return False
    for payment in payable.applied_payments(order_id):
        refunding.request(payment, amount_fen=payment.captured_fen, reason=reason, now=now)
    return True


def _insist_on_no_deposit(order: payable.PayableOrder) -> None:
    if order.state == OrderState.PENDING_PAYMENT and order.deposit_paid_at is not None:
        raise DepositStays


def _close_alone(order_id: int, *, now: datetime) -> bool:
    try:
        return _close(order_id, actor=SYSTEM, reason="unpaid", now=now)
    except Exception:
        # Whatever it is, it must not block the orders behind it.
        log.exception("closing_failed", order=order_id)
        _put_off(order_id, now)
        return False


def _close(order_id: int, *, actor: Actor, reason: str, now: datetime) -> bool:
    closed: list[Payment] = []
    for payment in payable.unsettled(order_id):
        answer = _closing_answer(payment)
        if payment.state == PaymentState.QUARANTINED:
            capturing.inspect(payment.pk, now=now)
        elif answer is None:
            _put_off(order_id, now)
            return False
        elif answer.state is ChargeState.PAID:
            capturing.apply_answer(payment.pk, answer, now=now)
        else:
            closed.append(payment)
    return _cancel(order_id, closed, actor=actor, reason=reason, now=now)


def _closing_answer(payment: Payment) -> Answer | None:
    try:
        return registry.provider(payment.provider).close(reference=str(payment.reference))
    except ProviderUnavailable:
        return None


@entry
def _cancel(
    order_id: int, closed: list[Payment], *, actor: Actor, reason: str, now: datetime
) -> bool:
    # Payments before the order, by id, as everywhere.
    advance(
        Payment.objects.filter(pk__in=[payment.pk for payment in closed]),
        PAYMENT,
        "close",
        actor=actor,
        now=now,
        reason=reason,
        closed_at=now,
        next_attempt_at=None,
    )
    return lifecycle.cancel(order_id, actor=actor, now=now, reason=reason)


@entry
def _refund_whole(order_id: int, *, actor: Actor, now: datetime) -> None:
    if not undo(order_id, reason=RefundReason.ORDER_CANCELLED, actor=actor, now=now):
        raise IllegalTransition(subject="order", action="cancel")


_OVER = {ChargeState.CLOSED: "close", ChargeState.FAILED: "fail"}


@entry
def _end(payment: Payment, action: str, *, now: datetime) -> None:
    advance(
        Rows(Payment, "id", payment.pk),
        PAYMENT,
        action,
        actor=SYSTEM,
        now=now,
        closed_at=now,
        next_attempt_at=None,
    )


def _put_off(order_id: int, now: datetime) -> None:
    rows = Order.objects.filter(pk=order_id, state=OrderState.PENDING_PAYMENT)
    for attempts in rows.values_list("attempts", flat=True):
        rows.update(attempts=attempts + 1, next_attempt_at=now + refunding.BACKOFF.after(attempts))


def _ask_alone(payment: Payment, *, now: datetime) -> bool:
    try:
        return _ask(payment, now=now)
    except Exception:
        # Whatever it is, it must not block the payments behind it.
        log.exception("asking_failed", payment=str(payment.reference))
        _ask_later(payment, now)
        return False


def _ask(payment: Payment, *, now: datetime) -> bool:
    try:
        answer = registry.provider(payment.provider).query(reference=str(payment.reference))
    except ProviderUnavailable:
        answer = Answer(ChargeState.PENDING)
    if answer.state is ChargeState.PAID:
        return bool(capturing.apply_answer(payment.pk, answer, now=now))
    if answer.state in _OVER:
        _end(payment, _OVER[answer.state], now=now)
    else:
        _ask_later(payment, now)
    return False


def _ask_later(payment: Payment, now: datetime) -> None:
    Payment.objects.filter(pk=payment.pk).update(
        attempts=F("attempts") + 1, next_attempt_at=now + refunding.BACKOFF.after(payment.attempts)
    )
