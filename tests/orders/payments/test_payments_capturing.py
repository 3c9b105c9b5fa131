from datetime import timedelta

import pytest

from core.ledger.models import AccountKind
from core.ledger.selectors import balances
from orders.payments.models import Payment, ProviderEvent, Refund
from orders.payments.providers.protocol import SignatureInvalid
from orders.payments.services import capturing, closing, paying, refunding
from orders.sandbox.services import cashier
from tests.factories.orders import an_order
from tests.factories.payments import a_callback, a_payment, call_back

pytestmark = pytest.mark.django_db


def clearing(provider="sandbox"):
    return balances.balance_of(AccountKind.PROVIDER_CLEARING, provider)


def captured(payment, now, **how):
    """Let the buyer pay at the provider's desk."""
    how = {"callback": cashier.Callback.SEND, "delay_s": 0, "even_if_closed": False, **how}
    cashier.capture(reference=str(payment.reference), now=now, **how)


def test_a_callback_pays_the_order(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)

    call_back(payment, now=now)

    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state, payment.verdict) == ("PAID", "SUCCEEDED", "APPLIED")
    assert clearing() == order.payable_fen


def test_a_callback_that_pays_an_order_costs_fourteen_statements(now, queries_of):
    payment = a_payment(an_order(now=now), now=now)

    assert queries_of(lambda: call_back(payment, now=now)) == 14


def test_a_callback_repeated_five_times_is_one_payment(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)

    taken = [call_back(payment, now=now) for _ in range(5)]

    assert taken == [True, False, False, False, False]
    assert ProviderEvent.objects.count() == 1
    assert clearing() == order.payable_fen


def test_the_same_capture_under_another_event_changes_nothing(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    call_back(payment, now=now)

    call_back(payment, now=now, event_id="EV-other")

    payment.refresh_from_db()
    assert payment.verdict == "APPLIED"
    assert clearing() == order.payable_fen
    assert not Refund.objects.exists()


def test_a_forged_callback_is_refused_and_changes_nothing(now):
    payment = a_payment(an_order(now=now), now=now)
    headers, body = a_callback(payment, now=now)

    with pytest.raises(SignatureInvalid):
        capturing.receive("sandbox", headers=headers, body=body + b" ", now=now)

    payment.refresh_from_db()
    assert payment.state == "PROCESSING"
    assert not ProviderEvent.objects.exists()


def test_a_callback_older_than_five_minutes_is_refused(now):
    payment = a_payment(an_order(now=now), now=now)
    headers, body = a_callback(payment, now=now)

    with pytest.raises(SignatureInvalid):
        capturing.receive("sandbox", headers=headers, body=body, now=now + timedelta(seconds=301))


def test_a_callback_for_a_payment_we_never_asked_for_is_refused(now):
    payment = a_payment(an_order(now=now), now=now)

    with pytest.raises(capturing.UnknownPayment):
        call_back(payment, now=now, merchant_reference="00000000-0000-0000-0000-000000000000")


def test_a_wrong_amount_is_held_and_the_order_keeps_waiting(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)

    call_back(payment, now=now, amount_fen=payment.amount_fen + 1)

    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state) == ("PENDING_PAYMENT", "QUARANTINED")
    assert clearing() == 0


def test_a_held_payment_is_put_right_by_the_providers_own_books(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    captured(payment, now)
    call_back(payment, now=now, amount_fen=payment.amount_fen + 1)

    verdict = capturing.inspect(payment.pk, now=now)

    order.refresh_from_db()
    assert (verdict, order.state) == ("APPLIED", "PAID")
    assert clearing() == order.payable_fen


def test_a_second_success_is_refunded_as_a_duplicate_once(now):
    order = an_order(now=now)
    first, second = a_payment(order, now=now), a_payment(order, now=now, provider="sandbox_card")
    captured(first, now)
    captured(second, now)
    call_back(first, now=now)

    call_back(second, now=now)
    refunding.send_due(now=now)
    refunding.send_due(now=now)

    refund = Refund.objects.get()
    assert (refund.reason, refund.state) == ("DUPLICATE_PAYMENT", "SUCCEEDED")
    assert refund.payment_id == second.pk
    assert (clearing("sandbox"), clearing("sandbox_card")) == (order.payable_fen, 0)
    assert balances.balance_of(AccountKind.LATE_CLEARING, "sandbox_card") == 0


def test_money_that_comes_after_the_order_ran_out_goes_back_once(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    closing.close_overdue(now=order.pay_before)
    captured(payment, now, even_if_closed=True)

    call_back(payment, now=now)
    refunding.send_due(now=now)

    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (order.state, refund.reason, refund.state) == (
        "CANCELLED",
        "LATE_PAYMENT",
        "SUCCEEDED",
    )
    assert clearing() == 0


def test_a_payment_never_called_back_is_found_by_asking(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    captured(payment, now, callback=cashier.Callback.NEVER)

    closing.ask_due(now=now + paying.FIRST_QUERY_AFTER)

    order.refresh_from_db()
    assert order.state == "PAID"


def test_an_order_that_ran_out_is_finalized_where_the_provider_was_paid(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    captured(payment, now, callback=cashier.Callback.NEVER)

    closing.close_overdue(now=order.pay_before)

    order.refresh_from_db()
    assert order.state == "PAID"


def test_a_payment_never_gives_back_more_than_it_brought(now):
    order = an_order(now=now)
    payment = a_payment(order, now=now)
    call_back(payment, now=now)
    payment.refresh_from_db()

    too_much = refunding.request(
        payment,
        amount_fen=payment.captured_fen + 1,
        reason="ORDER_CANCELLED",
        now=now,
    )

    assert too_much is False
    assert Payment.objects.get(pk=payment.pk).refunded_fen == 0
    assert not Refund.objects.exists()
