"""Orders of pre-sales walk through their lives in any order while time moves, for real."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition
from core.ledger.models import AccountKind
from core.ledger.selectors import balances
from core.quotas.selectors import availability
from orders.payments.models import Payment, Refund
from orders.payments.services import closing, paying, refunding
from orders.placement.domain.problems import ActivityNotRunning, OutOfStock
from orders.placement.models import Order
from orders.presales.domain.states import PREORDER, PRESALE
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

PIECES = 6
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("presales.", "placement.", "payments.", "quotas.", "ledger."))
]
OPEN = ["WHOLE_DUE", "DEPOSIT_DUE", "DEPOSIT_PAID", "BALANCE_DUE"]


class Presale(RuleBasedStateMachine):
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
        with suppress(ActivityNotRunning, OutOfStock):
            preordered(self.terms, self.people[who], now=self.tick(), quantity=quantity)

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
        order = unpaid[which % len(unpaid)]
        try:
            payment = a_payment(order, now=self.tick(), provider=provider)
        except paying.BalanceNotDue:
            assert order.deposit_paid_at
            assert self.now < order.balance_from
            return
        except paying.PaymentWindowOver:
            assert order.pay_before <= self.now
            return
        stamp = self.tick()
        at_the_desk(payment, stamp, even_if_closed=True)
        heard = self.tick(hours=hours)
        if is_heard:
            call_back(payment, now=heard, captured_at=stamp.isoformat())

    @rule(which=st.integers(0, 9))
    def quit(self, which):
        orders = list(Order.objects.filter(state__in=["PENDING_PAYMENT", "PAID"]).order_by("pk"))
        if not orders:
            return
        order = orders[which % len(orders)]
        before = Preorder.objects.get(order=order).state
        try:
            closing.cancel(
                buyer_id=order.buyer_id, order_reference=order.reference, now=self.tick()
            )
        except closing.DepositStays:
            assert before in ("DEPOSIT_DUE", "DEPOSIT_PAID", "BALANCE_DUE")

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
        if is_real:
            with suppress(IllegalTransition):
                defaulting.declare(
                    self.terms.activity.reference, actor=SYSTEM, reason="霜冻", now=self.tick()
                )

    @invariant()
    def every_promise_holds(self):
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert broken == []

    @invariant()
    def no_piece_is_promised_twice(self):
        if not getattr(self, "terms", None):
            return
        living = Preorder.objects.filter(state__in=[*OPEN, "PAID", "TO_SHIP"])
        assert sum(living.values_list("quantity", flat=True)) <= PIECES

    @invariant()
    def nobody_lost_a_deposit_before_the_end_of_their_window(self):
        for lost in Preorder.objects.filter(state="FORFEITED").select_related("order"):
            assert lost.ended_at >= lost.order.balance_until


class Undone(Presale):
    """Each example rolls back what it did, after everything has come to its end."""

    def __init__(self):
        super().__init__()
        self.undoing = transaction.atomic()
        # As the test's own transaction: durable entries may be called inside.
        self.undoing._from_testcase = True
        self.undoing.__enter__()

    def teardown(self):
        try:
            if getattr(self, "terms", None):
                self.come_to_an_end()
        finally:
            transaction.set_rollback(True)
            self.undoing.__exit__(None, None, None)

    def come_to_an_end(self):
        """When all clocks have run out every deposit is somebody's, and every fen accounted for."""
        for _ in range(4):
            self.tick(days=12)
            self.sweep()
            self.work()
        assert not Preorder.objects.filter(state__in=OPEN).exists()
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


def walk(**how):
    pace = {
        "max_examples": 15,
        "stateful_step_count": 25,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(Undone, settings=settings(**{**pace, **how}))


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_every_promise_holds_after_every_step_of_any_presale():
    walk()


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


LEGAL = {
    "presale": {("OPEN", "default"), ("DEFAULTED", "settle")},
    "preorder": {
        ("WHOLE_DUE", "pay"),
        ("WHOLE_DUE", "cancel"),
        ("DEPOSIT_DUE", "pay_deposit"),
        ("DEPOSIT_DUE", "cancel"),
        ("DEPOSIT_PAID", "open_balance"),
        ("DEPOSIT_PAID", "pay"),
        ("DEPOSIT_PAID", "forfeit"),
        ("DEPOSIT_PAID", "refund"),
        ("BALANCE_DUE", "pay"),
        ("BALANCE_DUE", "forfeit"),
        ("BALANCE_DUE", "refund"),
        ("PAID", "release"),
        ("PAID", "refund"),
        ("TO_SHIP", "refund"),
    },
}


@pytest.mark.parametrize("machine", [PRESALE, PREORDER], ids=lambda machine: machine.subject)
def test_only_the_written_steps_are_steps(machine):
    assert set(machine.transitions) == LEGAL[machine.subject]
