"""What happens at the same instant to one order's money."""

from functools import partial

import pytest
from django.db import connection

from core.ledger.models import AccountKind
from core.ledger.selectors import balances
from orders.payments.models import Payment, Refund
from orders.payments.services import capturing, closing, paying, refunding
from orders.placement.models import Order
from orders.sandbox.services import cashier
from tests.factories.orders import an_order
from tests.factories.payments import a_payment, call_back
from tests.support.meeting import Meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def paid_at_the_desk(payment, now, *, even_if_closed=False):
    cashier.capture(
        reference=str(payment.reference),
        callback=cashier.Callback.NEVER,
        delay_s=0,
        even_if_closed=even_if_closed,
        now=now,
    )


def settled(order):
    """Return where the order, its money and the provider's clearing account ended."""
    order.refresh_from_db()
    return (
        order.state,
        list(Refund.objects.values_list("reason", "state")),
        balances.balance_of(AccountKind.PROVIDER_CLEARING, "sandbox"),
    )


def test_a_callback_and_expiry_at_the_same_instant_agree(at_once, now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    paid_at_the_desk(payment, now)

    at_once(
        partial(call_back, payment, now=now),
        partial(closing.close_overdue, now=order.pay_before),
    )

    # The provider was paid before it was asked to close, so both roads lead to PAID.
    assert settled(order) == ("PAID", [], order.payable_fen)


def test_a_callback_before_expiry_pays(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    paid_at_the_desk(payment, now)

    call_back(payment, now=now)
    closing.close_overdue(now=order.pay_before)

    assert settled(order) == ("PAID", [], order.payable_fen)


def test_a_capture_after_expiry_goes_back(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)

    closing.close_overdue(now=order.pay_before)
    paid_at_the_desk(payment, now, even_if_closed=True)
    call_back(payment, now=now)
    refunding.send_due(now=now)

    assert settled(order) == ("CANCELLED", [("LATE_PAYMENT", "SUCCEEDED")], 0)


def test_two_providers_calling_back_at_once_pay_once(at_once, now):
    order = an_order(now=now)
    payments = [a_payment(order, now=now, provider=name) for name in ("sandbox", "sandbox_card")]
    for payment in payments:
        paid_at_the_desk(payment, now)

    at_once(*(partial(call_back, payment, now=now) for payment in payments))

    assert sorted(Payment.objects.values_list("verdict", flat=True)) == ["APPLIED", "DUPLICATE"]
    assert Refund.objects.get().amount_fen == order.payable_fen


def test_two_tabs_opening_a_payment_at_once_share_it(at_once, now):
    order = an_order(now=now)

    outcomes = at_once(*(partial(a_payment, order, now=now) for _ in range(6)))

    assert {type(outcome) for outcome in outcomes} == {Payment}
    assert len({outcome.pk for outcome in outcomes}) == 1


def test_the_same_callback_at_once_is_taken_once(at_once, now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)

    outcomes = at_once(*(partial(call_back, payment, now=now) for _ in range(6)))

    assert outcomes.count(True) == 1
    assert settled(order) == ("PAID", [], order.payable_fen)


def test_canary_without_the_state_guard_a_cancelled_order_would_be_paid(now, monkeypatch):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    closing.close_overdue(now=order.pay_before)
    paid_at_the_desk(payment, now, even_if_closed=True)
    # The guard is mark_paid's compare-and-set: pretend that it always finds the order waiting.
    monkeypatch.setattr(capturing.lifecycle, "mark_paid", lambda *_, **__: True)

    call_back(payment, now=now)

    assert Payment.objects.get().verdict == "APPLIED"
    assert Order.objects.get().state == "CANCELLED"


def test_canary_without_the_open_payment_index_tabs_would_pay_twice(at_once, now, monkeypatch):
    order = an_order(now=now)
    monkeypatch.setattr(paying, "_earlier", Meeting(6).after(paying._earlier))
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX payments_payment_one_open_per_provider")
    try:
        at_once(*(partial(a_payment, order, now=now) for _ in range(6)))

        assert Payment.objects.count() == 6
    finally:
        Payment.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX payments_payment_one_open_per_provider ON payments_payment"
                " (order_id, provider) WHERE state IN ('INIT', 'PROCESSING')"
            )
