"""Teams walk through their lives in any order while time moves, against the real database."""

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
from core.quotas.selectors import availability
from orders.groupbuys.domain.states import MEMBER, TEAM, VirtualMode
from orders.groupbuys.models import Team, TeamMember
from orders.groupbuys.services import expiring, joining, seats
from orders.payments.models import Payment, Refund
from orders.payments.services import closing, refunding
from orders.placement.domain.problems import OutOfStock
from orders.placement.models import Order
from tests.factories.accounts import a_user
from tests.factories.groupbuys import TEN, a_group_buy, a_team, at_the_desk, joined, opened
from tests.factories.payments import a_payment, call_back
from tests.support.outbox import deliver_all

PIECES = 20
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("groupbuys.", "placement.", "payments.", "quotas.", "ledger."))
]


class Group(RuleBasedStateMachine):
    """People open, join, pay late or in time, quit; sweeps come when they come."""

    @initialize(virtual=st.booleans())
    def open_shop(self, virtual):
        self.now = TEN
        how = {"virtual_mode": VirtualMode.RATIO, "virtual_ratio_bp": 6_000} if virtual else {}
        self.terms = a_group_buy(quantity=PIECES, team_hours=1, **how)
        self.people = [a_user() for _ in range(4)]

    def tick(self, **by):
        self.now += timedelta(**by) if by else timedelta(seconds=7)
        return self.now

    @rule(who=st.integers(0, 3))
    def open_team(self, who):
        with suppress(joining.AlreadyInTeam, OutOfStock):
            opened(self.terms, self.people[who], now=self.tick())

    @rule(who=st.integers(0, 3), which=st.integers(0, 9))
    def join(self, who, which):
        teams = list(Team.objects.order_by("pk"))
        if not teams:
            return
        team = teams[which % len(teams)]
        try:
            joined(team, self.people[who], now=self.tick())
        except joining.TeamFull:
            team.refresh_from_db()
            assert team.locked + team.paid == team.size
        except joining.TeamClosed:
            team.refresh_from_db()
            assert team.state != "FORMING" or team.expires_at <= self.now
        except (joining.AlreadyInTeam, OutOfStock):
            pass

    @rule(which=st.integers(0, 9), is_heard=st.booleans(), minutes=st.sampled_from([0, 0, 5, 70]))
    def pay(self, which, is_heard, minutes):
        """Somebody pays; whether we hear of it at once or are only told when we ask is chance."""
        unpaid = list(Order.objects.filter(state="PENDING_PAYMENT", pay_before__gt=self.now))
        if not unpaid:
            return
        order = unpaid[which % len(unpaid)]
        payment = a_payment(order, now=self.now)
        stamp = self.tick()
        at_the_desk(payment, stamp)
        heard = self.tick(minutes=minutes)
        if is_heard:
            call_back(payment, now=heard, captured_at=stamp.isoformat())

    @rule(which=st.integers(0, 9))
    def quit(self, which):
        orders = list(Order.objects.filter(state__in=["PENDING_PAYMENT", "PAID"]).order_by("pk"))
        if orders:
            order = orders[which % len(orders)]
            now = self.tick()
            closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)

    @rule()
    def work(self):
        deliver_all(self.tick())
        refunding.send_due(now=self.now)
        deliver_all(self.now)

    @rule(minutes=st.sampled_from([1, 16, 45, 61]))
    def wait(self, minutes):
        self.tick(minutes=minutes)

    @rule()
    def sweep(self):
        expiring.expire_due(now=self.tick())
        closing.close_overdue(now=self.now)
        closing.ask_due(now=self.now)

    @rule()
    def call_off(self):
        undecided = Team.objects.filter(state="FORMING", called_off_at=None).order_by("pk").first()
        if undecided and self.now.minute % 5 == 0:
            expiring.call_off_one(undecided.pk, actor=SYSTEM, now=self.tick())

    @invariant()
    def every_promise_holds(self):
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert broken == []

    @invariant()
    def no_piece_is_lost(self):
        if not getattr(self, "terms", None):
            return
        quota_id = self.terms.activity.quota_id
        living = Order.objects.exclude(state__in=["CANCELLED", "CLOSED"]).count()
        assert availability.left([quota_id])[quota_id] == PIECES - living

    @invariant()
    def nobody_sits_twice(self):
        open_seats = TeamMember.objects.filter(is_open=True).values_list("user_id", flat=True)
        assert len(set(open_seats)) == len(open_seats)


class Undone(Group):
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
        """When all clocks have run out nobody is kept waiting, and every fen is accounted for."""
        for _ in range(3):
            self.tick(minutes=90)
            self.sweep()
            self.work()
        assert not Team.objects.filter(state__in=["OPENING", "FORMING"]).exists()
        assert not TeamMember.objects.filter(state__in=["LOCKED", "REFUNDING"]).exists()
        assert not Refund.objects.exclude(state="SUCCEEDED").exists()
        for team in Team.objects.filter(state="FAILED"):
            orders = TeamMember.objects.filter(team=team).values("order")
            for payment in Payment.objects.filter(order__in=orders):
                assert payment.refunded_fen == payment.captured_fen
        self.every_promise_holds()


def walk(**how):
    pace = {
        "max_examples": 12,
        "stateful_step_count": 25,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(Undone, settings=settings(**{**pace, **how}))


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_every_promise_holds_after_every_step_of_any_team():
    walk()


@pytest.mark.django_db
def test_canary_the_promises_notice_a_seat_that_is_not_freed(monkeypatch):
    monkeypatch.setattr(seats, "give_up", lambda *_, **__: None)
    team = a_team(people=2)
    slow = joined(team)

    closing.close_overdue(now=slow.placed.order.pay_before)

    (promise,) = reconciling.run(["groupbuys.seats_stand_where_their_orders_stand"])
    assert not promise.is_held


LEGAL = {
    "team": {("OPENING", "open"), ("OPENING", "fail"), ("FORMING", "succeed"), ("FORMING", "fail")},
    "team_member": {
        ("LOCKED", "pay"),
        ("LOCKED", "release"),
        ("PAID", "leave"),
        ("REFUNDING", "refund"),
    },
}


@pytest.mark.parametrize("machine", [TEAM, MEMBER], ids=lambda machine: machine.subject)
def test_only_the_written_steps_are_steps(machine):
    assert set(machine.transitions) == LEGAL[machine.subject]


@pytest.mark.django_db
def test_a_decided_team_is_never_called_off():
    team = a_team(people=3)

    with pytest.raises(IllegalTransition):
        expiring.call_off_one(team.pk, actor=SYSTEM, now=TEN)
    team.refresh_from_db()
    assert (team.state, team.called_off_at) == ("SUCCEEDED", None)
