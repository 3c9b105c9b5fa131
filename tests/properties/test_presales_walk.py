"""Orders of pre-sales walk through their lives in any order while time moves, for real."""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition
from core.ledger.models import AccountKind
from core.ledger.selectors import balances
from core.quotas.selectors import availability
from core.states import Machine
from orders.payments.models import Payment, Refund
from orders.payments.services import closing, paying, refunding
from orders.placement.domain.problems import ActivityNotRunning, OutOfStock
from orders.placement.domain.states import SHOP_ORDER
from orders.placement.models import Order
from orders.presales.domain.states import PREORDER, PRESALE, UNPAID
from orders.presales.models import Preorder
from orders.presales.services import defaulting, instalments, timing
from tests.factories.accounts import a_user
from tests.factories.groupbuys import at_the_desk
from tests.factories.payments import a_payment, call_back
from tests.factories.presales import (
    BALANCE_UNTIL,
    TEN,
    WHOLE,
    a_presale,
    preordered,
    with_deposit,
)
from tests.support.outbox import deliver_all
from tests.support.walking import Walk, lines_of, noticed, seen, walk

PIECES = 6
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("presales.", "placement.", "payments.", "quotas.", "ledger."))
]
# How the parts of orders move that wait for their balance.
WAITING = {
    (subject, state, action)
    for subject, state, action in lines_of(SHOP_ORDER)
    if state == "WAIT_BALANCE" or action == "pay_deposit"
}


class PresaleLife(Walk):
    """People order, pay late or in time, change their minds; the harvest comes, or it does not."""

    @initialize(is_whole=st.booleans(), rule=st.sampled_from(["DOUBLE", "SINGLE"]))
    def plan(self, is_whole, rule):
        self.now = TEN
        single = is_whole or rule == "SINGLE"
        agreed = {"default_rule": "SINGLE", "compensation_fen": 300} if single else {}
        self.terms = a_presale(quantity=PIECES, **(WHOLE if is_whole else {}), **agreed)
        self.people = [a_user() for _ in range(3)]

    def tick(self, **by):
        self.now += timedelta(**by) if by else timedelta(seconds=7)
        return self.now

    @rule(who=st.integers(0, 2), quantity=st.integers(1, 3))
    def order(self, who, quantity):
        selling, now = self.terms.activity, self.tick()
        done = self.tried(
            lambda: preordered(self.terms, self.people[who], now=now, quantity=quantity)
        )
        self.terms.refresh_from_db(fields=["state"])
        is_open = self.terms.state == "OPEN" and selling.starts_at <= now < selling.ends_at
        if isinstance(done, OutOfStock):
            assert self.left() < quantity
        else:
            assert isinstance(done, Preorder if is_open else ActivityNotRunning)

    @rule(
        which=st.integers(0, 9),
        provider=st.sampled_from(["sandbox", "sandbox_card"]),
        is_heard=st.booleans(),
        hours=st.sampled_from([0, 0, 0, 1, 30]),
    )
    def pay(self, which, provider, is_heard, hours):
        """Somebody pays what is due; whether we hear of it, and when, is chance."""
        unpaid = list(Order.objects.filter(state="PENDING_PAYMENT").order_by("pk"))
        if not unpaid:
            return
        order, now = unpaid[which % len(unpaid)], self.tick()
        payment = self.tried(lambda: a_payment(order, now=now, provider=provider))
        if isinstance(payment, paying.BalanceNotDue):
            assert order.deposit_paid_at
            assert now < order.balance_from
            return
        if isinstance(payment, paying.PaymentWindowOver):
            assert order.pay_before <= now
            return
        stamp = self.tick()
        at_the_desk(payment, stamp, even_if_closed=True)
        heard = self.tick(hours=hours)
        if is_heard:
            call_back(payment, now=heard, captured_at=stamp.isoformat())

    @rule(which=st.integers(0, 9))
    def quit(self, which):
        orders = list(Order.objects.order_by("pk"))
        if not orders:
            return
        order, now = orders[which % len(orders)], self.tick()

        def call():
            return closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)

        if order.state not in ("PENDING_PAYMENT", "PAID"):
            assert self.in_vain(call) is None
        elif order.state == "PENDING_PAYMENT" and order.deposit_paid_at:
            assert isinstance(self.in_vain(call), closing.DepositStays)
        else:
            # The provider may know of a deposit that we have not heard of.
            done = self.tried(call)
            assert done is None or isinstance(done, closing.DepositStays)

    @rule()
    def work(self):
        deliver_all(self.tick())
        refunding.send_due(now=self.now)
        deliver_all(self.now)

    @rule(hours=st.sampled_from([1, 24, 5 * 24, 10 * 24]))
    def wait(self, hours):
        self.tick(hours=hours)

    @rule()
    def sweep(self):
        timing.keep_time(now=self.tick())
        defaulting.settle_due(now=self.now)
        closing.close_overdue(now=self.now)
        closing.ask_due(now=self.now)

    @rule(is_real=st.sampled_from([False, False, False, True]))
    def lose_the_harvest(self, is_real):
        reference, now = self.terms.activity.reference, self.tick()

        def call():
            return defaulting.declare(reference, actor=SYSTEM, reason="霜冻", now=now)

        self.terms.refresh_from_db(fields=["state"])
        if self.terms.state != "OPEN":
            assert isinstance(self.in_vain(call), IllegalTransition)
        elif is_real:
            assert self.tried(call).state == "DEFAULTED"

    def want_what_cannot_be(self):
        """Pay and leave where nobody may, and say twice that nothing comes."""
        self.lose_the_harvest(is_real=False)
        for number, order in enumerate(Order.objects.order_by("pk")):
            has_deposit = order.state == "PENDING_PAYMENT" and order.deposit_paid_at
            if order.state in ("CANCELLED", "CLOSED") or has_deposit:
                self.quit(number)
            is_early = has_deposit and self.now < order.balance_from - timedelta(hours=1)
            if order.state != "PENDING_PAYMENT" or is_early:
                refusal = self.in_vain(lambda order=order: a_payment(order, now=self.now))
                assert isinstance(refusal, IllegalTransition | paying.BalanceNotDue)

    @invariant()
    def every_promise_holds(self):
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert broken == []

    @invariant()
    def no_piece_is_promised_twice(self):
        living = Preorder.objects.filter(state__in=[*UNPAID, "PAID", "TO_SHIP"])
        assert sum(living.values_list("quantity", flat=True)) <= PIECES

    @invariant()
    def nobody_lost_a_deposit_before_the_end_of_their_window(self):
        for lost in Preorder.objects.filter(state="FORFEITED").select_related("order"):
            assert lost.ended_at >= lost.order.balance_until

    def left(self):
        quota_id = self.terms.activity.quota_id
        return availability.left([quota_id])[quota_id]

    def teardown(self):
        try:
            if hasattr(self, "terms"):
                self.come_to_an_end()
        finally:
            super().teardown()

    def come_to_an_end(self):
        """When all clocks have run out every deposit is somebody's, and every fen accounted for."""
        for _ in range(4):
            self.tick(days=12)
            self.sweep()
            self.work()
        assert not Preorder.objects.filter(state__in=UNPAID).exists()
        assert set(balances.balances(AccountKind.DEPOSIT_HELD).values()) <= {0}
        assert set(balances.balances(AccountKind.REFUND_CLEARING).values()) <= {0}
        assert set(balances.balances(AccountKind.LATE_CLEARING).values()) <= {0}
        assert not Refund.objects.exclude(state="SUCCEEDED").exists()
        quota_id = self.terms.activity.quota_id
        figures = availability.figures([quota_id])[quota_id]
        sold = Preorder.objects.filter(state__in=["PAID", "TO_SHIP"])
        assert (figures.held, figures.spent) == (
            0,
            sum(sold.values_list("quantity", flat=True)),
        )
        for preorder in Preorder.objects.filter(state__in=["REFUNDED", "CANCELLED"]):
            for payment in Payment.objects.filter(order=preorder.order_id):
                assert payment.refunded_fen == payment.captured_fen
        self.every_promise_holds()


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_every_promise_holds_after_every_step_of_any_presale():
    walk(PresaleLife, examples=15)


def a_route(*, is_whole):
    """Return a walk through a pre-sale in which somebody is in each of the states."""
    life = PresaleLife()
    life.plan(is_whole=is_whole, rule="DOUBLE")

    def pay(which):
        life.pay(which, "sandbox", is_heard=True, hours=0)

    def until(moment):
        life.now = max(life.now, moment)
        life.sweep()
        life.work()

    return life, pay, until


def in_every_state(life, steps):
    for step in steps:
        step()
        life.want_what_cannot_be()
    life.lose_the_harvest(is_real=False)


def seen_in(life):
    lines = seen()
    life.teardown()
    return lines


def through_deposits():
    life, pay, until = a_route(is_whole=False)
    terms = life.terms
    before = terms.balance_from - timedelta(days=1)
    within, over = terms.balance_from + timedelta(hours=1), terms.balance_until
    in_every_state(
        life,
        [
            # One is never paid; of four with deposits two pay the balance, before the sweep and
            # after it, one gets it back as the harvest is lost, one has lost it before.
            lambda: life.order(0, 1),
            lambda: until(life.now + timedelta(minutes=31)),
            *[lambda: (life.order(1, 1), pay(-1))] * 3,
            lambda: until(before),
            lambda: setattr(life, "now", within - timedelta(minutes=30)),
            lambda: pay(0),
            lambda: until(within),
            lambda: pay(0),
            lambda: until(over + timedelta(minutes=2)),
            lambda: until(terms.ship_from + timedelta(minutes=2)),
            lambda: life.lose_the_harvest(is_real=True),
            lambda: until(life.now + timedelta(minutes=1)),
        ],
    )
    return seen_in(life)


def through_a_lost_harvest(moment_of, *, is_whole):
    life, pay, until = a_route(is_whole=is_whole)
    in_every_state(
        life,
        [
            lambda: (life.order(0, 1), pay(-1)),
            lambda: life.order(1, 1),
            lambda: until(moment_of(life.terms)),
            lambda: life.lose_the_harvest(is_real=True),
            *[lambda: until(life.now + timedelta(minutes=31))] * 2,
        ],
    )
    return seen_in(life)


def through_a_late_sweep():
    life, pay, _ = a_route(is_whole=False)
    in_every_state(
        life,
        [
            lambda: (life.order(0, 1), pay(-1)),
            lambda: setattr(life, "now", life.terms.balance_until + timedelta(minutes=2)),
            lambda: closing.close_overdue(now=life.now),
        ],
    )
    return seen_in(life)


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_all_tables_are_walked_whole_and_what_cannot_be_changes_nothing():
    day, hour = timedelta(days=1), timedelta(hours=1)
    walked = [
        through_deposits(),
        through_a_late_sweep(),
        through_a_lost_harvest(lambda terms: terms.balance_from - day, is_whole=False),
        through_a_lost_harvest(lambda terms: terms.balance_from + hour, is_whole=False),
        through_a_lost_harvest(lambda terms: terms.activity.ends_at, is_whole=True),
    ]

    assert (lines_of(PRESALE, PREORDER) | WAITING) - set().union(*walked) == set()


@pytest.mark.django_db
def test_canary_the_promises_notice_a_deposit_that_nobody_gets(monkeypatch):
    monkeypatch.setattr(instalments.books, "post_forfeited", lambda *_, **__: None)
    with_deposit()

    closing.close_overdue(now=BALANCE_UNTIL)

    names = [result.name for result in reconciling.run(PROMISES) if not result.is_held]
    assert names == [
        "presales.held_deposits_are_open_deposits",
        "presales.lost_deposits_are_their_shops",
    ]


@pytest.mark.django_db
def test_canary_a_harvest_that_is_lost_twice_is_noticed(monkeypatch):
    careless = {**PRESALE.transitions, ("DEFAULTED", "default"): "DEFAULTED"}
    monkeypatch.setattr(defaulting, "PRESALE", Machine(PRESALE.subject, careless))
    life, _, _ = a_route(is_whole=True)
    life.lose_the_harvest(is_real=True)

    with noticed():
        life.lose_the_harvest(is_real=True)
    life.teardown()
