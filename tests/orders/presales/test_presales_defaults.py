"""A shop cannot deliver: everybody gets everything back and what was promised, however often."""

from datetime import timedelta

import pytest
from django.db import transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition, NotFound
from core.ledger.models import AccountKind
from core.ledger.selectors import balances
from core.quotas.selectors import availability
from logistics.parcels.models import Parcel
from orders.payments.models import Refund
from orders.payments.services import closing, refunding
from orders.presales.models import PresaleTerms
from orders.presales.services import defaulting, timing
from tests.factories.presales import (
    BALANCE_FEN,
    BALANCE_FROM,
    DAY,
    DEPOSIT_FEN,
    SHIP_FROM,
    TEN,
    WHOLE,
    a_presale,
    fresh,
    paid,
    preordered,
    with_balance,
    with_deposit,
)
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db

FROST = TEN + 4 * DAY
MINUTE = timedelta(minutes=1)


def broken():
    return [result.name for result in reconciling.run(reconciling.names()) if not result.is_held]


def declare(terms, now=FROST):
    with transaction.atomic():
        defaulting.declare(terms.activity.reference, actor=SYSTEM, reason="霜冻", now=now)


def settle(now=FROST):
    """Let everybody do what they do by the clock."""
    for step in range(3):
        later = now + step * MINUTE
        defaulting.settle_due(now=later)
        closing.close_overdue(now=later)
        deliver_all(later)
        refunding.send_due(now=later)
        deliver_all(later)


def refunds():
    rows = Refund.objects.order_by("reason", "pk")
    return list(rows.values_list("reason", "state", "amount_fen"))


def money(kind):
    return sum(balances.balances(kind).values())


def state(terms):
    return PresaleTerms.objects.get(pk=terms.pk).state


def test_a_deposit_goes_back_twice_and_the_shop_pays_the_second():
    terms = a_presale()
    preorder = with_deposit(terms, quantity=2)

    declare(terms)
    settle()

    assert fresh(preorder).state == "REFUNDED"
    assert refunds() == [
        ("COMPENSATION", "SUCCEEDED", 2 * DEPOSIT_FEN),
        ("SELLER_DEFAULT", "SUCCEEDED", 2 * DEPOSIT_FEN),
    ]
    assert money(AccountKind.SHOP_PAYABLE) == 2 * DEPOSIT_FEN
    assert money(AccountKind.PROVIDER_CLEARING) == -2 * DEPOSIT_FEN
    assert money(AccountKind.DEPOSIT_HELD) == money(AccountKind.REFUND_CLEARING) == 0
    assert state(terms) == "SETTLED"
    assert broken() == []


def test_a_single_refund_with_a_fixed_compensation():
    terms = a_presale(default_rule="SINGLE", compensation_fen=300)
    with_deposit(terms)

    declare(terms)
    settle()

    assert refunds() == [
        ("COMPENSATION", "SUCCEEDED", 300),
        ("SELLER_DEFAULT", "SUCCEEDED", DEPOSIT_FEN),
    ]
    assert money(AccountKind.SHOP_PAYABLE) == 300
    assert broken() == []


def test_a_harvest_that_fails_after_the_balance_gives_back_both_and_the_deposit_again():
    terms = a_presale()
    preorder = with_balance(terms)

    declare(terms, BALANCE_FROM + DAY)
    settle(BALANCE_FROM + DAY)

    assert fresh(preorder).state == "REFUNDED"
    assert refunds() == [
        ("COMPENSATION", "SUCCEEDED", DEPOSIT_FEN),
        ("SELLER_DEFAULT", "SUCCEEDED", DEPOSIT_FEN),
        ("SELLER_DEFAULT", "SUCCEEDED", BALANCE_FEN),
    ]
    assert state(terms) == "SETTLED"
    assert broken() == []


def test_whoever_paid_all_at_once_gets_it_all_back():
    terms = a_presale(**WHOLE)
    preorder = preordered(terms)
    paid(preorder.order, TEN)

    declare(terms)
    settle()

    assert refunds() == [("SELLER_DEFAULT", "SUCCEEDED", 8_800)]
    assert (fresh(preorder).state, state(terms)) == ("REFUNDED", "SETTLED")
    assert broken() == []


def test_every_order_comes_to_its_end_whatever_it_waited_for():
    terms = a_presale(ends_at=BALANCE_FROM)
    unpaid = preordered(terms, now=FROST)
    half = with_deposit(terms)
    whole = with_balance(terms)
    now = BALANCE_FROM + MINUTE

    declare(terms, now)
    settle(now)

    states = [fresh(one).state for one in (unpaid, half, whole)]
    assert states == ["CANCELLED", "REFUNDED", "REFUNDED"]
    quota_id = terms.activity.quota_id
    figures = availability.figures([quota_id])[quota_id]
    assert (figures.held, figures.spent) == (0, 0)
    assert broken() == []


def test_a_default_that_is_interrupted_goes_on_where_it_stopped(monkeypatch):
    terms = a_presale()
    orders = [with_balance(terms) for _ in range(3)]
    now = BALANCE_FROM + DAY
    declare(terms, now)
    undo, done = closing.undo, []

    def dying(order_id, **how):
        if len(done) == 1:
            raise RuntimeError
        done.append(order_id)
        return undo(order_id, **how)

    with monkeypatch.context() as power_cut:
        power_cut.setattr(closing, "undo", dying)
        assert defaulting.settle_due(now=now) == 1
        assert state(terms) == "DEFAULTED"

    settle(now + MINUTE)

    assert [fresh(one).state for one in orders] == ["REFUNDED"] * 3
    assert Refund.objects.count() == 9
    assert state(terms) == "SETTLED"
    assert broken() == []


def test_an_order_that_cannot_be_undone_is_in_nobodys_way(monkeypatch):
    terms = a_presale(**WHOLE)
    stuck, other = (preordered(terms) for _ in range(2))
    for preorder in (stuck, other):
        paid(preorder.order, TEN)
    undo = closing.undo

    def fail_once(order_id, **asked):
        if order_id == stuck.order_id:
            raise ValueError(order_id)
        return undo(order_id, **asked)

    declare(terms)
    with monkeypatch.context() as patched:
        patched.setattr(closing, "undo", fail_once)
        defaulting.settle_due(now=FROST)
        defaulting.settle_due(now=FROST + MINUTE)

    assert [fresh(one).state for one in (stuck, other)] == ["PAID", "REFUNDED"]
    assert fresh(stuck).attempts == 2
    assert state(terms) == "DEFAULTED"
    settle(FROST + 2 * MINUTE)
    assert fresh(stuck).state == "REFUNDED"
    assert state(terms) == "SETTLED"


def test_an_order_that_cannot_be_undone_is_tried_less_and_less_often(monkeypatch):
    terms = a_presale(**WHOLE)
    paid(preordered(terms).order, TEN)
    declare(terms)

    def fail(order_id, **asked):
        raise ValueError(order_id)

    monkeypatch.setattr(closing, "undo", fail)
    at, waits = FROST, []
    for _ in range(8):
        defaulting.settle_due(now=at)
        terms.refresh_from_db()
        waits.append((terms.next_attempt_at - at).total_seconds())
        at = terms.next_attempt_at

    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280]


def test_what_is_on_its_way_goes_on():
    terms = a_presale()
    preorder = with_balance(terms)
    timing.keep_time(now=SHIP_FROM)
    deliver_all(SHIP_FROM)
    Parcel.objects.update(
        handed_over_at=SHIP_FROM, state="COLLECTED", waybill_no="SF1", booked_at=SHIP_FROM
    )

    declare(terms, SHIP_FROM)
    defaulting.settle_due(now=SHIP_FROM)

    found = fresh(preorder)
    assert (found.state, found.spared_at) == ("TO_SHIP", SHIP_FROM)
    assert found.order.state == "PAID"
    assert (state(terms), refunds()) == ("SETTLED", [])
    assert [name for name in broken() if not name.startswith("parcels.")] == []


def test_whoever_cancels_after_the_default_gets_what_was_promised_too():
    terms = a_presale()
    preorder = with_balance(terms)
    now = BALANCE_FROM + DAY
    declare(terms, now)

    order = preorder.order
    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)
    settle(now)

    assert sorted(reason for reason, _, _ in refunds()) == [
        "COMPENSATION",
        "ORDER_CANCELLED",
        "ORDER_CANCELLED",
    ]
    assert broken() == []


def test_a_default_is_declared_once_and_only_of_what_there_is():
    terms = a_presale()
    declare(terms)

    with pytest.raises(IllegalTransition):
        declare(terms)
    with pytest.raises(NotFound), transaction.atomic():
        defaulting.declare(terms.activity.sku.reference, actor=SYSTEM, reason="霜冻", now=FROST)


def test_no_money_is_taken_after_a_default():
    terms = a_presale()
    half = with_deposit(terms)
    declare(terms, BALANCE_FROM + MINUTE)

    balance = paid(half.order, BALANCE_FROM + 2 * MINUTE)
    settle(BALANCE_FROM + 3 * MINUTE)

    balance.refresh_from_db()
    assert (balance.verdict, fresh(half).state) == ("LATE", "REFUNDED")
    assert refunds() == [
        ("COMPENSATION", "SUCCEEDED", DEPOSIT_FEN),
        ("LATE_PAYMENT", "SUCCEEDED", BALANCE_FEN),
        ("SELLER_DEFAULT", "SUCCEEDED", DEPOSIT_FEN),
    ]
    assert broken() == []
