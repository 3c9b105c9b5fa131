"""One payment that goes wrong each time never keeps the others waiting."""

from datetime import timedelta

import pytest

from orders.payments.models import Payment, Refund
from orders.payments.services import closing, paying, refunding
from orders.sandbox.services import cashier
from tests.factories.orders import an_order
from tests.factories.payments import a_payment, call_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch):
    """Let the provider answer nonsense about one payment, as no protocol foresees."""

    def let(name, payment):
        answers = getattr(cashier, name)

        def answer(*, reference, **asked):
            if reference == str(payment.reference):
                raise ZeroDivisionError
            return answers(reference=reference, **asked)

        monkeypatch.setattr(cashier, name, answer)

    return let


def _two_orders(now):
    orders = [an_order(now=now), an_order(now=now)]
    return orders, [a_payment(order, now=now) for order in orders]


def test_an_order_that_cannot_be_closed_backs_off_and_the_next_one_is_closed(now, broken):
    (bad, good), (payment, _) = _two_orders(now)
    broken("close", payment)
    late = max(bad.pay_before, good.pay_before)

    assert closing.close_overdue(now=late) == 1

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("PENDING_PAYMENT", "CANCELLED")
    assert (bad.attempts, bad.next_attempt_at) == (1, late + refunding.BACKOFF.first)


def test_an_order_that_cannot_be_closed_is_tried_less_and_less_often(now, broken):
    (bad, _), (payment, _) = _two_orders(now)
    broken("close", payment)
    at, waits = bad.pay_before, []

    for _ in range(4):
        closing.close_overdue(now=at)
        bad.refresh_from_db()
        waits.append((bad.next_attempt_at - at).total_seconds())
        at = bad.next_attempt_at

    assert waits == [2, 4, 8, 16]


def test_a_payment_that_cannot_be_asked_about_backs_off_and_the_next_one_is_paid(now, broken):
    _, (bad, good) = _two_orders(now)
    for payment in (bad, good):
        cashier.capture(
            reference=str(payment.reference), callback=cashier.Callback.NEVER,
            delay_s=0, even_if_closed=False, now=now,
        )  # fmt: skip
    broken("look_up", bad)
    later = now + paying.FIRST_QUERY_AFTER

    assert closing.ask_due(now=later) == 1

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("PROCESSING", "SUCCEEDED")
    assert bad.attempts == 1
    assert bad.next_attempt_at > later


def _cancelled(order, payment, now):
    cashier.capture(
        reference=str(payment.reference), callback=cashier.Callback.NEVER,
        delay_s=0, even_if_closed=False, now=now,
    )  # fmt: skip
    call_back(payment, now=now)
    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)


def test_a_refund_that_fails_backs_off_at_last_waits_for_a_person_and_blocks_nobody(now, broken):
    orders, payments = _two_orders(now)
    for order, payment in zip(orders, payments, strict=True):
        _cancelled(order, payment, now)
    bad, good = Refund.objects.order_by("pk")
    broken("refund", Payment.objects.get(pk=bad.payment_id))

    assert refunding.send_due(now=now) == 1
    for _ in range(refunding.ATTEMPTS_MAX):
        now += timedelta(hours=1)
        refunding.send_due(now=now)

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("PARKED", "SUCCEEDED")
