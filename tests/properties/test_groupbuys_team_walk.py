"""Teams walk through their lives in any order while time moves, against the real database."""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition
from core.quotas.selectors import availability
from orders.groupbuys.domain.states import MEMBER, TEAM, UNDECIDED, VirtualMode
from orders.groupbuys.models import Team, TeamMember
from orders.groupbuys.services import expiring, joining, seats
from orders.payments.models import Payment, Refund
from orders.payments.services import closing, refunding
from orders.placement.domain.problems import OutOfStock
from orders.placement.domain.states import SHOP_ORDER
from orders.placement.models import Order
from tests.factories.accounts import a_user
from tests.factories.groupbuys import TEN, a_group_buy, a_team, at_the_desk, joined, opened
from tests.factories.payments import a_payment, call_back
from tests.support.outbox import deliver_all
from tests.support.walking import Walk, lines_of, noticed, seen, walk

PIECES = 20
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("groupbuys.", "placement.", "payments.", "quotas.", "ledger."))
]


# How the parts of orders move that wait for their team.
WAITING = {
    (subject, state, action)
    for subject, state, action in lines_of(SHOP_ORDER)
    if state == "WAIT_TEAM" or action == "pay_for_team"
}


class TeamLife(Walk):
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
        is_seated = TeamMember.objects.filter(user=self.people[who], is_open=True).exists()
        now = self.tick()
        done = self.tried(lambda: opened(self.terms, self.people[who], now=now))
        if isinstance(done, OutOfStock):
            assert not self.left()
        else:
            assert isinstance(done, joining.AlreadyInTeam if is_seated else joining.Seated)

    @rule(who=st.integers(0, 3), which=st.integers(0, 9))
    def join(self, who, which):
        teams = list(Team.objects.order_by("pk"))
        if not teams:
            return
        team, now = teams[which % len(teams)], self.tick()
        done = self.tried(lambda: joined(team, self.people[who], now=now))
        if isinstance(done, joining.TeamFull):
            assert team.locked + team.paid == team.size
        elif isinstance(done, joining.TeamClosed):
            assert team.state != "FORMING" or team.expires_at <= now or team.called_off_at
        elif isinstance(done, joining.AlreadyInTeam):
            mine = TeamMember.objects.filter(user=self.people[who])
            assert mine.filter(is_open=True).exists() or mine.filter(team=team).exists()
        elif isinstance(done, OutOfStock):
            assert not self.left()
        else:
            assert team.state == "FORMING"
            assert now < team.expires_at

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
        orders = list(Order.objects.order_by("pk"))
        if not orders:
            return
        order, now = orders[which % len(orders)], self.tick()

        def call():
            return closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)

        if order.state in ("PENDING_PAYMENT", "PAID"):
            assert self.tried(call) is None
        else:
            assert self.in_vain(call) is None

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

    @rule(which=st.integers(0, 9), is_real=st.sampled_from([False, False, False, True]))
    def call_off(self, which, is_real):
        teams = list(Team.objects.order_by("pk"))
        if not teams:
            return
        team, now = teams[which % len(teams)], self.tick()

        def call():
            return expiring.call_off_one(team.pk, actor=SYSTEM, now=now)

        if team.state not in UNDECIDED or team.called_off_at:
            assert isinstance(self.in_vain(call), IllegalTransition)
        elif is_real:
            assert self.tried(call) is None

    def want_what_cannot_be(self):
        """Do to every team what its state does not allow, and leave every order that is over."""
        for number, team in enumerate(Team.objects.order_by("pk")):
            self.call_off(number, is_real=False)
            if team.state != "FORMING":
                for who in range(len(self.people)):
                    self.join(who, number)
        for number, state in enumerate(Order.objects.order_by("pk").values_list("state")):
            if state[0] in ("CANCELLED", "CLOSED"):
                self.quit(number)

    @invariant()
    def every_promise_holds(self):
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert broken == []

    @invariant()
    def no_piece_is_lost(self):
        if hasattr(self, "terms"):
            living = Order.objects.exclude(state__in=["CANCELLED", "CLOSED"]).count()
            assert self.left() == PIECES - living

    @invariant()
    def nobody_sits_twice(self):
        open_seats = TeamMember.objects.filter(is_open=True).values_list("user_id", flat=True)
        assert len(set(open_seats)) == len(open_seats)

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
        """When all clocks have run out nobody is kept waiting, and every fen is accounted for."""
        for _ in range(3):
            self.tick(minutes=90)
            self.sweep()
            self.work()
        assert not Team.objects.filter(state__in=UNDECIDED).exists()
        assert not TeamMember.objects.filter(state__in=["LOCKED", "REFUNDING"]).exists()
        assert not Refund.objects.exclude(state="SUCCEEDED").exists()
        for team in Team.objects.filter(state="FAILED"):
            orders = TeamMember.objects.filter(team=team).values("order")
            for payment in Payment.objects.filter(order__in=orders):
                assert payment.refunded_fen == payment.captured_fen
        self.every_promise_holds()


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_every_promise_holds_after_every_step_of_any_team():
    walk(TeamLife, examples=12)


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_all_tables_are_walked_whole_and_what_cannot_be_changes_nothing():
    life = TeamLife()
    life.open_shop(virtual=False)

    def pay():
        life.pay(-1, is_heard=True, minutes=0)

    def pass_the_time(minutes):
        life.wait(minutes)
        life.sweep()
        life.work()

    steps = [
        # The first: its leader never pays.
        lambda: life.open_team(0),
        lambda: pass_the_time(16),
        # The second: its leader leaves, somebody never pays, and time runs out.
        lambda: (life.open_team(0), pay()),
        lambda: (life.join(1, 1), pay()),
        lambda: life.quit(1),
        lambda: life.join(2, 1),
        lambda: pass_the_time(16),
        lambda: pass_the_time(61),
        # The third is called off, the fourth is complete.
        lambda: (life.open_team(0), pay()),
        lambda: life.call_off(2, is_real=True),
        lambda: (life.open_team(1), pay()),
        lambda: (life.join(2, 3), pay()),
        lambda: (life.join(3, 3), pay()),
        lambda: pass_the_time(1),
    ]
    for step in steps:
        step()
        life.want_what_cannot_be()

    assert (lines_of(TEAM, MEMBER) | WAITING) - seen() == set()
    life.teardown()


@pytest.mark.django_db
def test_canary_the_promises_notice_a_seat_that_is_not_freed(monkeypatch):
    monkeypatch.setattr(seats, "give_up", lambda *_, **__: None)
    team = a_team(people=2)
    slow = joined(team)

    closing.close_overdue(now=slow.placed.order.pay_before)

    (promise,) = reconciling.run(["groupbuys.seats_stand_where_their_orders_stand"])
    assert not promise.is_held


@pytest.mark.django_db
def test_canary_a_team_that_is_joined_after_its_time_is_noticed(monkeypatch):
    monkeypatch.setattr(joining, "_open_to_all", lambda _: Team.objects.filter(state="FORMING"))
    life = TeamLife()
    life.open_shop(virtual=False)
    life.open_team(0)
    life.pay(0, is_heard=True, minutes=0)
    life.wait(61)

    with noticed():
        life.join(1, 0)
    life.teardown()
