"""PAY: our row first, then the provider, never inside a transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.actors import Actor
from core.audit.advancing import Rows, advance, begin
from core.errors import DomainError, IllegalTransition
from core.http.idempotency import IdempotencyMismatch
from core.postgres.reading import rows_of
from core.transactions import entry
from orders.payments.domain.states import PAYMENT, PaymentState
from orders.payments.models import Payment
from orders.payments.providers import registry
from orders.payments.selectors import payable
from orders.placement.domain.states import OrderState

FIRST_QUERY_AFTER = timedelta(seconds=15)


class PaymentWindowOver(DomainError):
    """The time to pay for this order is over."""

    code = "PAYMENT_WINDOW_OVER"
    zh = "订单已超过支付时间。"


class BalanceNotDue(DomainError):
    """The balance of this order can be paid only from a later time on."""

    code = "BALANCE_NOT_DUE"
    zh = "未到尾款支付时间。"


def start(
    *, buyer_id: int, order_reference: UUID, provider: str, key: str, now: datetime
) -> Payment:
    """Open a payment of an order, or return the one that is open already.

    The row is committed before the provider is asked, so a crash in between leaves a payment that
    the next call, or the sweep, finds and goes on with.

    Raises:
        NotFound: no such order of this buyer, or no such provider.
        PaymentWindowOver: the order waited too long.
        BalanceNotDue: the deposit is paid, and the time of the balance has not come.
        IllegalTransition: the order is paid or over.
        ProviderUnavailable: the provider does not answer.
    """
    desk = registry.provider(provider)
    order = payable.order_of(buyer_id=buyer_id, reference=order_reference)
    payment = _earlier(order, provider, key) or _open(order, provider, key, buyer_id, now)
    if payment.state != PaymentState.INIT:
        return payment
    params = desk.create(
        reference=str(payment.reference),
        amount_fen=payment.amount_fen,
        description=order.number,
        now=now,
    )
    started = _started(payment, dict(params), Actor(buyer_id), now)
    if started.state == PaymentState.CLOSED:
        # The order ran out while we were on the wire: nobody shall be able to pay it.
        desk.close(reference=str(started.reference))
    return started


def _earlier(order: payable.PayableOrder, provider: str, key: str) -> Payment | None:
    # An order has a few payments at most: one look is cheaper than two.
    payments = rows_of(Payment, "WHERE order_id = %s ORDER BY id", [order.id])
    for payment in payments:
        if payment.idempotency_key == key:
            if payment.provider != provider:
                raise IdempotencyMismatch
            return payment
    under_way = (PaymentState.INIT, PaymentState.PROCESSING)
    for payment in payments:
        told = (payment.provider, payment.instalment)
        if told == (provider, order.instalment) and payment.state in under_way:
            return payment
    return None


def _open(
    order: payable.PayableOrder, provider: str, key: str, buyer_id: int, now: datetime
) -> Payment:
    if order.state != OrderState.PENDING_PAYMENT:
        raise IllegalTransition(subject="order", action="pay")
    if order.pay_before <= now:
        raise PaymentWindowOver(pay_before=order.pay_before)
    if order.due_from is not None and now < order.due_from:
        raise BalanceNotDue(balance_from=order.due_from)
    payment = Payment(
        order_id=order.id,
        provider=provider,
        idempotency_key=key,
        instalment=order.instalment,
        amount_fen=order.due_fen,
        created_at=now,
        next_attempt_at=now + FIRST_QUERY_AFTER,
    )
    try:
        with transaction.atomic(durable=True):
            begin(payment, PAYMENT, actor=Actor(buyer_id), now=now)
    except IntegrityError:
        # Another tab was faster: both pay the same payment.
        twin = _earlier(order, provider, key)
        if twin is None:
            raise
        return twin
    return payment


@entry
def _started(payment: Payment, params: dict[str, str], actor: Actor, now: datetime) -> Payment:
    row = Rows(Payment, "id", payment.pk)
    if not advance(row, PAYMENT, "start", actor=actor, now=now, params=params):
        return Payment.objects.get(pk=payment.pk)
    payment.state, payment.params = PaymentState.PROCESSING, params
    return payment
