"""Every invariant of payments has a canary: one row corrupted by SQL, and it is reported."""

import pytest
from django.db import connection

from core import reconciling
from orders.payments.models import Payment
from orders.payments.services import closing, refunding
from orders.sandbox.services import cashier
from tests.factories.orders import an_order
from tests.factories.payments import a_payment, call_back

pytestmark = pytest.mark.django_db


def broken():
    names = [name for name in reconciling.names() if name.startswith("payments.")]
    return {result.name for result in reconciling.run(names) if not result.is_held}


def paid_at_the_desk(payment, now, *, even_if_closed=False):
    cashier.capture(
        reference=str(payment.reference),
        callback=cashier.Callback.NEVER,
        delay_s=0,
        even_if_closed=even_if_closed,
        now=now,
    )
    call_back(payment, now=now)


@pytest.fixture
def market(now):
    """One order paid, one waiting, and one whose money came too late and went back."""
    paid = an_order(now=now)
    paid_at_the_desk(a_payment(paid, now=now), now)
    late = an_order(now=now)
    tardy = a_payment(late, now=now)
    closing.close_overdue(now=late.pay_before)
    paid_at_the_desk(tardy, now, even_if_closed=True)
    refunding.send_due(now=now)
    a_payment(an_order(now=now), now=now)
    return paid


def corrupt(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount == 1


def test_all_invariants_of_payments_hold(market):
    assert broken() == set()
    assert set(Payment.objects.values_list("verdict", flat=True)) == {"", "APPLIED", "LATE"}


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        (
            "paid_orders_have_one_payment",
            "UPDATE payments_payment SET verdict = 'LATE', refunded_fen = captured_fen"
            " WHERE verdict = 'APPLIED'",
        ),
        (
            "applied_payments_have_paid_orders",
            "UPDATE placement_order SET state = 'PENDING_PAYMENT', paid_at = NULL, sold_at = NULL"
            " WHERE paid_at IS NOT NULL",
        ),
        (
            "refunds_explain_refunded",
            "UPDATE payments_refund SET amount_fen = amount_fen - 1",
        ),
        (
            "useless_money_goes_back",
            "UPDATE payments_payment SET refunded_fen = refunded_fen - 1 WHERE verdict = 'LATE'",
        ),
        (
            "ledger_agrees",
            "UPDATE payments_payment SET captured_fen = captured_fen + 1,"
            " amount_fen = amount_fen + 1 WHERE verdict = 'APPLIED'",
        ),
        (
            "provider_agrees",
            "UPDATE sandbox_provider_charge SET amount_fen = amount_fen + 1"
            " WHERE state = 'CAPTURED' AND refunded_fen = 0",
        ),
    ],
)
def test_canary_a_corrupted_row_is_reported(market, name, sql):
    corrupt(sql)

    assert f"payments.{name}" in broken()


def test_canary_only_the_provider_notices_what_only_the_provider_knows(market):
    corrupt(
        "UPDATE sandbox_provider_charge SET amount_fen = amount_fen + 1"
        " WHERE state = 'CAPTURED' AND refunded_fen = 0"
    )

    assert broken() == {"payments.provider_agrees"}
