import pytest

from core.errors import IllegalTransition, NotFound
from core.http.idempotency import IdempotencyMismatch
from orders.payments.models import Payment, Refund
from orders.payments.services import closing, paying, refunding
from orders.sandbox.models import Charge
from orders.sandbox.services import cashier
from tests.factories.accounts import a_user
from tests.factories.orders import an_order
from tests.factories.payments import a_payment, call_back

pytestmark = pytest.mark.django_db


def start(order, now, **other):
    asked = {
        "buyer_id": order.buyer_id,
        "order_reference": order.reference,
        "provider": "sandbox",
        "key": "tab-1",
        **other,
    }
    return paying.start(**asked, now=now)


def test_two_tabs_pay_the_same_payment(now):
    order = an_order(now=now)

    first, second = start(order, now, key="tab-1"), start(order, now, key="tab-2")

    assert first.pk == second.pk
    assert Charge.objects.count() == 1


def test_opening_a_payment_costs_six_statements_the_practice_provider_among_them(now, queries_of):
    order = an_order(now=now)

    assert queries_of(lambda: start(order, now)) == 6


def test_a_key_stands_for_one_provider(now):
    order = an_order(now=now)
    start(order, now)

    with pytest.raises(IdempotencyMismatch):
        start(order, now, provider="sandbox_card")


def test_a_payment_that_a_crash_left_behind_is_gone_on_with(now, monkeypatch):
    order = an_order(now=now)
    with monkeypatch.context() as wire:
        wire.setattr(cashier, "charge", _crash)
        with pytest.raises(ConnectionError):
            start(order, now)
    left = Payment.objects.get()

    again = start(order, now)

    assert (left.state, again.pk, again.state) == ("INIT", left.pk, "PROCESSING")


def _crash(**_):
    raise ConnectionError


@pytest.mark.parametrize("stranger", [True, False])
def test_only_the_buyer_may_pay(now, stranger):
    order = an_order(now=now)
    payer = a_user().pk if stranger else order.buyer_id

    if stranger:
        with pytest.raises(NotFound):
            start(order, now, buyer_id=payer)
        assert not Payment.objects.exists()
    else:
        assert start(order, now).state == "PROCESSING"


def test_a_paid_order_cannot_be_paid_again(now):
    order = an_order(now=now)
    call_back(a_payment(order, now=now), now=now)

    with pytest.raises(IllegalTransition):
        start(order, now, key="later", provider="sandbox_card")


def test_an_order_past_its_time_cannot_be_paid(now):
    order = an_order(now=now)

    with pytest.raises(paying.PaymentWindowOver):
        start(order, order.pay_before)

    assert not Payment.objects.exists()


def test_an_unknown_provider_is_not_found(now):
    with pytest.raises(NotFound):
        start(an_order(now=now), now, provider="gold")


def test_cancelling_an_unpaid_order_closes_its_payment_first(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)

    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)

    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state) == ("CANCELLED", "CLOSED")
    assert Charge.objects.get().state == "CLOSED"


def test_cancelling_a_paid_order_gives_all_of_the_money_back(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    cashier.capture(
        reference=str(payment.reference),
        callback=cashier.Callback.NEVER,
        delay_s=0,
        even_if_closed=False,
        now=now,
    )
    call_back(payment, now=now)

    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)
    refunding.send_due(now=now)

    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (order.state, refund.state, refund.amount_fen) == (
        "CLOSED",
        "SUCCEEDED",
        order.payable_fen,
    )
    assert Charge.objects.get().refunded_fen == order.payable_fen


def test_cancelling_twice_changes_nothing_the_second_time(now):
    order = an_order(now=now)
    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)
    order.refresh_from_db()
    cancelled_at = order.cancelled_at

    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=order.pay_before)

    order.refresh_from_db()
    assert order.cancelled_at == cancelled_at


def test_a_refund_that_the_provider_refuses_waits_for_a_person(now):
    order = an_order(now=now)
    call_back(a_payment(order, now=now), now=now)
    # The provider's books never saw a capture, so it refuses.
    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)

    refunding.send_due(now=now)

    assert Refund.objects.get().state == "PARKED"
