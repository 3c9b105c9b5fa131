"""Deposits and balances: counted, lost, given back.

This is the host of the orders of pre-sales (`placement.services.waiting`). Everybody who comes here
has locked the order; its pre-order follows by compare-and-set, before any quota.
"""

from datetime import datetime
from typing import Any

from core.audit.actors import SYSTEM
from core.audit.advancing import Rows, advance, advance_one
from core.transactions import needs_transaction
from orders.payments.domain.states import RefundReason
from orders.payments.selectors import payable
from orders.payments.services import refunding
from orders.placement.services import books
from orders.presales.domain import arithmetic
from orders.presales.domain.states import PREORDER, PreorderState, PresaleState
from orders.presales.models import Preorder


@needs_transaction
def take_payment(order_id: int, *, paid_at: datetime, now: datetime) -> bool:
    """Count a deposit, a balance or a whole payment if it is in time by the provider's clock.

    Of what the shop cannot deliver nothing is taken any more.
    """
    preorder = _of(order_id)
    order = preorder.order
    if preorder.terms.state != PresaleState.OPEN:
        return False
    stamps: dict[str, Any] = {"next_attempt_at": preorder.ship_from, "paid_at": paid_at}
    action = "pay"
    if preorder.state == PreorderState.DEPOSIT_DUE:
        # Heard of so late that nobody could pay the balance any more, it binds nobody.
        if order.balance_until is None or order.balance_until <= now:
            return False
        action = "pay_deposit"
        stamps = {"next_attempt_at": order.balance_from, "deposit_at": paid_at}
    elif not arithmetic.counts(paid_at, order.balance_until):
        return False
    row = Rows(Preorder, "id", preorder.pk)
    return bool(advance(row, PREORDER, action, actor=SYSTEM, now=now, **stamps))


@needs_transaction
def give_up(order_id: int, *, now: datetime) -> None:
    """Let an order go that will not be paid whole; its deposit is the shop's or goes back.

    The buyer loses it only by letting the balance window pass. Where the order was ended before,
    it was not the buyer's doing.
    """
    preorder = _of(order_id)
    order = preorder.order
    row = Rows(Preorder, "id", preorder.pk)
    over: dict[str, Any] = {"actor": SYSTEM, "now": now, "ended_at": now, "next_attempt_at": None}
    if order.deposit_paid_at is None:
        advance_one(row, PREORDER, "cancel", **over)
    elif preorder.terms.state != PresaleState.OPEN:
        advance_one(row, PREORDER, "refund", reason="the shop cannot deliver", **over)
        _return_deposit(preorder, RefundReason.SELLER_DEFAULT, now)
        _compensate(preorder, now)
    elif order.balance_until is not None and order.pay_before < order.balance_until:
        advance_one(row, PREORDER, "refund", reason="the order was ended before its time", **over)
        _return_deposit(preorder, RefundReason.ORDER_CANCELLED, now)
    else:
        advance_one(row, PREORDER, "forfeit", reason="the balance was not paid", **over)
        books.post_forfeited(order, now=now)


@needs_transaction
def leave(order_id: int, *, now: datetime) -> None:
    """Let a paid order go that is undone; its money goes back whole with the order's own refund.

    Whoever undoes it, the shop pays what it promised once it has said that it cannot deliver.
    """
    preorder = _of(order_id)
    advance_one(
        Rows(Preorder, "id", preorder.pk),
        PREORDER,
        "refund",
        actor=SYSTEM,
        now=now,
        ended_at=now,
        spared_at=None,
        next_attempt_at=None,
    )
    if preorder.terms.state != PresaleState.OPEN:
        _compensate(preorder, now)


def _compensate(preorder: Preorder, now: datetime) -> None:
    paid = payable.applied_payments(preorder.order_id)
    if not paid or not preorder.compensation_fen:
        return
    fen, first = preorder.compensation_fen, paid[0]
    books.post_compensated(preorder.order, fen, provider=first.provider, now=now)
    refunding.compensate(first, amount_fen=fen, now=now)


def _return_deposit(preorder: Preorder, reason: RefundReason, now: datetime) -> None:
    books.post_returned(preorder.order, now=now)
    for payment in payable.applied_payments(preorder.order_id):
        refunding.request(payment, amount_fen=payment.captured_fen, reason=reason, now=now)


def _of(order_id: int) -> Preorder:
    return Preorder.objects.select_related("order", "terms").get(order_id=order_id)
