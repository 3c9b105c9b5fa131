"""Paying a buyer something on top of what they paid: once, and never as a refund."""

import pytest
from django.db import transaction

from core import reconciling
from core.errors import IllegalTransition, NotFound
from core.ledger.models import AccountKind
from core.ledger.services import posting
from orders.payments.models import Refund
from orders.payments.providers.protocol import ProviderUnavailable
from orders.payments.providers.registry import SandboxWallet
from orders.payments.services import refunding
from orders.sandbox.models import ChargeRefund
from orders.sandbox.services import cashier
from tests.factories.groupbuys import at_the_desk
from tests.factories.orders import an_order
from tests.factories.payments import a_payment, call_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(now):
    payment = a_payment(an_order(now=now), now=now)
    at_the_desk(payment, now)
    call_back(payment, now=now)
    payment.refresh_from_db()
    return payment


def owe(payment, fen, now):
    """Owe a compensation, with the entry that whoever owes it makes."""
    with transaction.atomic():
        refunding.compensate(payment, amount_fen=fen, now=now)
        posting.post(
            kind="COMPENSATION_OWED",
            reference=str(payment.order.reference),
            postings=[
                posting.Posting(AccountKind.PLATFORM_REVENUE, "", fen),
                posting.Posting(AccountKind.REFUND_CLEARING, payment.provider, -fen),
            ],
            now=now,
        )


def broken():
    names = [name for name in reconciling.names() if name.startswith(("payments.", "ledger."))]
    return [result.name for result in reconciling.run(names) if not result.is_held]


def test_a_compensation_may_be_more_than_was_paid_and_is_no_refund(payment, now):
    fen = payment.captured_fen + 500
    owe(payment, fen, now)
    owe(payment, fen, now)

    assert refunding.send_due(now=now) == 1

    payment.refresh_from_db()
    assert payment.refunded_fen == 0
    assert list(ChargeRefund.objects.values_list("amount_fen", "is_on_top")) == [(fen, True)]
    assert broken() == []


def test_it_goes_beside_a_refund_of_the_same_payment(payment, now):
    owe(payment, 500, now)
    with transaction.atomic():
        refunding.request(payment, amount_fen=100, reason="WRONG_AMOUNT", now=now)
    posted_before = broken()

    refunding.send_due(now=now)

    payment.refresh_from_db()
    assert payment.refunded_fen == 100
    assert Refund.objects.filter(state="SUCCEEDED").count() == 2
    assert posted_before == broken() == []


def test_a_compensation_that_the_provider_did_not_hear_of_is_sent_again(payment, now, monkeypatch):
    owe(payment, 500, now)

    def silent(*_, **__):
        raise ProviderUnavailable

    with monkeypatch.context() as down:
        down.setattr(SandboxWallet, "compensate", silent)
        assert refunding.send_due(now=now) == 0

    later = Refund.objects.get().next_attempt_at
    assert refunding.send_due(now=later) == 1
    assert ChargeRefund.objects.count() == 1


def asked(payment, now, **changes):
    said = {
        "desk": payment.provider,
        "reference": str(payment.reference),
        "refund_reference": "R1",
        "amount_fen": 500,
        "now": now,
    }
    return cashier.compensate(**said | changes)


def test_the_practice_provider_compensates_once_for_each_reference(payment, now):
    asked(payment, now)
    asked(payment, now)

    assert ChargeRefund.objects.count() == 1
    with pytest.raises(IllegalTransition):
        asked(payment, now, amount_fen=501)
    with pytest.raises(NotFound):
        asked(payment, now, reference="nothing")


def test_nobody_is_compensated_who_paid_nothing(now):
    unpaid = a_payment(an_order(now=now), now=now)

    with pytest.raises(IllegalTransition):
        asked(unpaid, now)
