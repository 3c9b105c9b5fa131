"""What happens at the same instant to one order of a pre-sale."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.quotas.selectors import availability
from orders.payments.models import Payment, Refund
from orders.payments.services import closing, refunding
from orders.placement.models import Order
from orders.presales.domain import arithmetic
from orders.presales.models import Preorder, PresaleTerms
from orders.presales.services import defaulting, instalments, timing
from tests.factories.groupbuys import at_the_desk
from tests.factories.payments import a_payment, call_back
from tests.factories.presales import (
    BALANCE_FROM,
    BALANCE_UNTIL,
    SHIP_FROM,
    a_presale,
    fresh,
    preordered,
    with_balance,
    with_deposit,
)
from tests.support.outbox import deliver_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]

SECOND = timedelta(seconds=1)
SWEPT = BALANCE_UNTIL + timedelta(seconds=90)
PROMISES = ("presales.", "placement.", "payments.", "quotas.", "ledger.", "activities.")


def broken():
    """Return which promises do not hold now."""
    names = [name for name in reconciling.names() if name.startswith(PROMISES)]
    return [result.name for result in reconciling.run(names) if not result.is_held]


def settle(now):
    """Let everything that is owed be done."""
    for step in range(3):
        later = now + step * timedelta(minutes=1)
        defaulting.settle_due(now=later)
        closing.close_overdue(now=later)
        deliver_all(later)
        refunding.send_due(now=later)
    deliver_all(now + timedelta(minutes=3))


def declare(terms, now):
    with transaction.atomic():
        defaulting.declare(terms.activity.reference, actor=SYSTEM, reason="霜冻", now=now)


def reasons():
    return sorted(Refund.objects.filter(state="SUCCEEDED").values_list("reason", flat=True))


@pytest.mark.parametrize("stamp", [BALANCE_UNTIL - SECOND, BALANCE_UNTIL + SECOND])
def test_a_balance_against_the_forfeit_ends_as_the_stamp_says(at_once, stamp):
    preorder = with_deposit()
    balance = a_payment(preorder.order, now=BALANCE_UNTIL - 2 * SECOND)
    at_the_desk(balance, stamp)

    at_once(
        partial(call_back, balance, now=SWEPT, captured_at=stamp.isoformat()),
        partial(closing.close_overdue, now=SWEPT),
        partial(timing.keep_time, now=SWEPT),
    )
    settle(SWEPT)

    in_time = stamp < BALANCE_UNTIL
    assert fresh(preorder).state == ("PAID" if in_time else "FORFEITED")
    assert reasons() == ([] if in_time else ["LATE_PAYMENT"])
    assert broken() == []


@pytest.mark.parametrize("order_of_events", ["callback first", "sweep first", "only asked"])
@pytest.mark.parametrize("stamp", [BALANCE_UNTIL - SECOND, BALANCE_UNTIL])
def test_callback_and_forfeit_agree_in_every_order_of_events(order_of_events, stamp):
    preorder = with_deposit()
    balance = a_payment(preorder.order, now=BALANCE_UNTIL - 2 * SECOND)
    at_the_desk(balance, stamp)
    hear = partial(call_back, balance, now=SWEPT, captured_at=stamp.isoformat())
    sweep = partial(closing.close_overdue, now=SWEPT)
    events = {
        "callback first": [hear, sweep],
        "sweep first": [sweep, hear],
        "only asked": [sweep],
    }

    for event in events[order_of_events]:
        event()
    settle(SWEPT)

    assert fresh(preorder).state == ("PAID" if stamp < BALANCE_UNTIL else "FORFEITED")
    assert broken() == []


def test_a_deposit_against_its_expiry_is_kept_or_given_back_whole(at_once):
    preorder = preordered()
    deposit = a_payment(preorder.order, now=preorder.order.pay_before - SECOND)
    at_the_desk(deposit, preorder.order.pay_before - SECOND)
    late = preorder.order.pay_before + SECOND

    at_once(
        partial(call_back, deposit, now=late),
        *[partial(closing.close_overdue, now=late)] * 3,
    )
    settle(late)

    assert fresh(preorder).state == "DEPOSIT_PAID"
    assert (reasons(), broken()) == ([], [])


def test_two_tabs_paying_the_balance_pay_it_once(at_once):
    preorder = with_deposit()

    opened = at_once(
        *[partial(a_payment, preorder.order, now=BALANCE_FROM)] * 3,
        partial(a_payment, preorder.order, now=BALANCE_FROM, provider="sandbox_card"),
    )
    payments = list(Payment.objects.filter(instalment="BALANCE").order_by("pk"))
    for payment in payments:
        at_the_desk(payment, BALANCE_FROM)
    at_once(*(partial(call_back, payment, now=BALANCE_FROM) for payment in payments))
    settle(BALANCE_FROM)

    assert {type(one).__name__ for one in opened} == {"Payment"}
    assert len(payments) == 2
    assert sorted(Payment.objects.values_list("verdict", flat=True)) == [
        "APPLIED",
        "APPLIED",
        "DUPLICATE",
    ]
    assert (fresh(preorder).state, reasons()) == ("PAID", ["DUPLICATE_PAYMENT"])
    assert broken() == []


def test_a_default_against_the_balance_gives_everything_back_and_compensates_once(at_once):
    terms = a_presale()
    preorder = with_deposit(terms)
    balance = a_payment(preorder.order, now=BALANCE_FROM)
    at_the_desk(balance, BALANCE_FROM)

    at_once(
        partial(call_back, balance, now=BALANCE_FROM),
        partial(declare, terms, BALANCE_FROM),
        *[partial(defaulting.settle_due, now=BALANCE_FROM)] * 2,
        partial(closing.close_overdue, now=BALANCE_FROM),
    )
    settle(BALANCE_FROM + SECOND)

    assert fresh(preorder).state == "REFUNDED"
    assert reasons() in (
        ["COMPENSATION", "SELLER_DEFAULT", "SELLER_DEFAULT"],
        ["COMPENSATION", "LATE_PAYMENT", "SELLER_DEFAULT"],
    )
    assert PresaleTerms.objects.get().state == "SETTLED"
    assert broken() == []


def test_a_default_against_an_order_leaves_nothing_that_can_be_paid(at_once):
    terms = a_presale()

    at_once(
        *[partial(preordered, terms)] * 3,
        partial(declare, terms, BALANCE_FROM - timedelta(days=9)),
    )
    settle(BALANCE_FROM - timedelta(days=9))
    closing.close_overdue(now=BALANCE_FROM)

    assert not Order.objects.filter(state="PENDING_PAYMENT").exists()
    assert set(Preorder.objects.values_list("state", flat=True)) <= {"CANCELLED"}
    assert broken() == []


def test_a_default_against_the_release_sends_it_or_gives_it_back(at_once):
    terms = a_presale()
    preorder = with_balance(terms)

    at_once(
        partial(timing.keep_time, now=SHIP_FROM),
        partial(declare, terms, SHIP_FROM),
        partial(defaulting.settle_due, now=SHIP_FROM),
    )
    settle(SHIP_FROM)

    assert fresh(preorder).state == "REFUNDED"
    assert reasons() == ["COMPENSATION", "SELLER_DEFAULT", "SELLER_DEFAULT"]
    assert broken() == []


def test_the_time_keepers_of_three_workers_move_each_order_once(at_once):
    terms = a_presale()
    for _ in range(4):
        with_deposit(terms)

    outcomes = at_once(*[partial(timing.keep_time, now=BALANCE_FROM)] * 3)

    assert sum(outcomes) == 4
    assert set(Preorder.objects.values_list("state", flat=True)) == {"BALANCE_DUE"}


def test_the_last_pieces_go_to_as_many_as_there_are(at_once):
    terms = a_presale(quantity=2)
    buyers = [partial(preordered, terms) for _ in range(5)]

    outcomes = at_once(*buyers)

    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds == ["OutOfStock"] * 3 + ["Preorder"] * 2
    assert availability.left([terms.activity.quota_id])[terms.activity.quota_id] == 0
    assert broken() == []


# --- Canaries: each guard taken away is seen to matter --------------------------------------------


def test_canary_without_the_providers_time_a_late_balance_would_count(monkeypatch):
    preorder = with_deposit()
    balance = a_payment(preorder.order, now=BALANCE_UNTIL - SECOND)
    at_the_desk(balance, BALANCE_UNTIL + SECOND)
    monkeypatch.setattr(arithmetic, "counts", lambda *_: True)

    closing.close_overdue(now=SWEPT)

    assert fresh(preorder).state == "PAID"


def test_canary_without_asking_first_a_balance_in_time_would_cost_the_deposit(monkeypatch):
    preorder = with_deposit()
    balance = a_payment(preorder.order, now=BALANCE_UNTIL - 2 * SECOND)
    at_the_desk(balance, BALANCE_UNTIL - SECOND)
    # Pretend that the provider need not be asked.
    monkeypatch.setattr(closing.payable, "unsettled", lambda _: [])

    closing.close_overdue(now=SWEPT)
    call_back(balance, now=SWEPT, captured_at=(BALANCE_UNTIL - SECOND).isoformat())

    assert fresh(preorder).state == "FORFEITED"
    assert Refund.objects.get().reason == "LATE_PAYMENT"


def test_canary_without_the_window_in_the_guard_a_deposit_that_just_came_would_be_lost(monkeypatch):
    preorder = preordered()
    deposit = a_payment(preorder.order, now=preorder.order.pay_before - SECOND)
    late = preorder.order.pay_before + SECOND

    def between(order_id):
        # The provider was asked, then the buyer pays, then the order is closed.
        at_the_desk(deposit, late)
        call_back(deposit, now=late)
        return []

    monkeypatch.setattr(closing.payable, "unsettled", between)
    closing.close_overdue(now=late)
    assert fresh(preorder).state == "DEPOSIT_PAID"

    Order.objects.update(pay_before=late)
    closing.close_unpaid(preorder.order_id, reason="the guard would let it through", now=late)
    assert fresh(preorder).state == "REFUNDED"


def test_canary_without_asking_the_terms_money_would_be_taken_after_a_default(monkeypatch):
    terms = a_presale()
    preorder = with_deposit(terms)
    declare(terms, BALANCE_FROM)
    balance = a_payment(preorder.order, now=BALANCE_FROM)
    at_the_desk(balance, BALANCE_FROM)
    monkeypatch.setattr(instalments, "PresaleState", SimpleNamespace(OPEN="DEFAULTED"))

    try:
        call_back(balance, now=BALANCE_FROM)
    finally:
        monkeypatch.undo()

    assert fresh(preorder).state == "PAID"
