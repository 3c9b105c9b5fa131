"""What happens at the same instant to one team."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from core import reconciling
from core.quotas.selectors import availability
from orders.groupbuys.domain import arithmetic
from orders.groupbuys.models import Team, TeamMember
from orders.groupbuys.services import expiring, joining, seats
from orders.payments.models import Refund
from orders.payments.services import closing, refunding
from tests.factories.accounts import a_user
from tests.factories.groupbuys import (
    TEN,
    a_group_buy,
    a_team,
    at_the_desk,
    joined,
    opened,
    orders_of,
    paid,
)
from tests.factories.groupbuys import seats as seats_of
from tests.factories.payments import a_payment, call_back
from tests.factories.wishes import a_wish
from tests.support.outbox import deliver_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]

SECOND = timedelta(seconds=1)
OVER = TEN + timedelta(hours=24)
SWEPT = OVER + timedelta(seconds=90)
PROMISES = ("groupbuys.", "placement.", "payments.", "quotas.", "ledger.", "activities.")


def broken():
    """Return which promises do not hold now."""
    names = [name for name in reconciling.names() if name.startswith(PROMISES)]
    return [result.name for result in reconciling.run(names) if not result.is_held]


def settle(now=SWEPT):
    """Let everything that is owed be done."""
    deliver_all(now)
    refunding.send_due(now=now)
    deliver_all(now)


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def left_of(team):
    quota_id = team.activity.quota_id
    return availability.left([quota_id])[quota_id]


def cancel(order, now=TEN):
    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)


def test_of_many_for_the_last_seat_one_sits_down(at_once):
    team = a_team(people=2)
    crowd = [a_user() for _ in range(6)]

    outcomes = at_once(*(partial(joined, team, buyer) for buyer in crowd))

    assert kinds(outcomes) == ["Seated"] + ["TeamFull"] * 5
    assert (TeamMember.objects.filter(team=team).count(), left_of(team)) == (3, 17)
    assert broken() == []


def test_one_person_at_two_doors_sits_once(at_once):
    terms = a_group_buy()
    team, buyer = a_team(terms), a_user()
    wish = a_wish(buyer, terms.activity, now=TEN)

    outcomes = at_once(
        partial(joined, team, buyer, wanted=wish),
        partial(opened, terms, buyer, wanted=wish),
        partial(joined, team, buyer, wanted=wish),
    )

    assert kinds(outcomes) == ["AlreadyInTeam", "AlreadyInTeam", "Seated"]
    assert broken() == []


def test_two_last_payments_at_once_complete_the_team_once(at_once):
    team = a_team(people=1)
    payments = [a_payment(joined(team).placed.order, now=TEN) for _ in range(2)]
    for payment in payments:
        at_the_desk(payment, TEN)

    at_once(*(partial(call_back, payment, now=TEN) for payment in payments))
    settle()

    team.refresh_from_db()
    assert (team.state, team.paid, seats_of(team)) == ("SUCCEEDED", 3, ["PAID"] * 3)
    assert {order.sold_at for order in orders_of(team)} == {SWEPT}
    assert broken() == []


@pytest.mark.parametrize("stamp", [OVER - SECOND, OVER + SECOND])
def test_the_last_payment_against_the_expiry_ends_as_the_stamp_says(at_once, stamp):
    team = a_team(people=2)
    payment = a_payment(joined(team, now=OVER - 60 * SECOND).placed.order, now=OVER - 50 * SECOND)
    at_the_desk(payment, stamp)

    at_once(
        partial(call_back, payment, now=SWEPT, captured_at=stamp.isoformat()),
        partial(expiring.expire_due, now=SWEPT),
    )
    expiring.expire_due(now=SWEPT + timedelta(minutes=5))
    settle(SWEPT + timedelta(minutes=5))

    team.refresh_from_db()
    won = stamp < OVER
    assert (team.state, left_of(team)) == (("SUCCEEDED", 17) if won else ("FAILED", 20))
    assert Refund.objects.filter(state="SUCCEEDED").count() == (0 if won else 3)
    assert broken() == []


def test_the_leader_quitting_against_a_payment_leaves_a_leader_or_no_team(at_once):
    team = a_team(people=1)
    other = joined(team)
    payment = a_payment(other.placed.order, now=TEN)
    at_the_desk(payment, TEN)

    at_once(partial(cancel, orders_of(team)[0]), partial(call_back, payment, now=TEN))
    settle(TEN)

    team.refresh_from_db()
    assert (team.state, team.leader_id) == ("FORMING", other.placed.order.buyer_id)
    assert seats_of(team) == ["REFUNDED", "PAID"]
    assert broken() == []


def test_everybody_quitting_at_once_fails_the_team_once(at_once):
    team = a_team(people=2)

    at_once(*(partial(cancel, order) for order in orders_of(team)))
    settle(TEN)

    team.refresh_from_db()
    assert (team.state, team.failure, left_of(team)) == ("FAILED", "CANCELLED", 20)
    assert Refund.objects.filter(state="SUCCEEDED").count() == 2
    assert broken() == []


def test_quitting_against_the_last_payment_agrees(at_once):
    team = a_team(people=2)
    payment = a_payment(joined(team).placed.order, now=TEN)
    at_the_desk(payment, TEN)

    at_once(partial(cancel, orders_of(team)[1]), partial(call_back, payment, now=TEN))
    settle(TEN)

    team.refresh_from_db()
    states = [order.state for order in orders_of(team)]
    assert states == ["PAID", "CLOSED", "PAID"]
    assert (team.state, team.paid) in [("SUCCEEDED", 3), ("FORMING", 2)]
    assert broken() == []


def test_expiring_in_three_workers_at_once_refunds_once(at_once):
    terms = a_group_buy()
    teams = [a_team(terms, people=2) for _ in range(3)]

    outcomes = at_once(*[partial(expiring.expire_due, now=SWEPT)] * 3)
    settle()

    assert sum(outcomes) == 3
    assert Refund.objects.count() == 6
    assert left_of(teams[0]) == 20
    assert broken() == []


def test_joining_against_expiry_never_sits_in_a_failed_team(at_once):
    team = a_team(people=1)

    at_once(partial(joined, team, now=OVER - SECOND), partial(expiring.expire_due, now=SWEPT))
    expiring.expire_due(now=SWEPT + timedelta(minutes=5))
    settle(SWEPT + timedelta(minutes=5))

    team.refresh_from_db()
    assert (team.state, team.locked) == ("FAILED", 0)
    assert broken() == []


def test_canary_without_the_guard_a_team_would_be_overfull(at_once, monkeypatch):
    team = a_team(people=2)
    crowd = [a_user() for _ in range(4)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE groupbuys_team DROP CONSTRAINT groupbuys_team_never_overfull")
    monkeypatch.setattr(joining, "_open_to_join", joining._open_to_all)
    try:
        at_once(*(partial(joined, team, buyer) for buyer in crowd))

        team.refresh_from_db()
        assert team.locked + team.paid > team.size
    finally:
        Team.objects.filter(pk=team.pk).update(locked=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE groupbuys_team ADD CONSTRAINT groupbuys_team_never_overfull CHECK"
                " (locked >= 0 AND paid >= 0 AND virtual >= 0 AND size >= locked + paid + virtual)"
            )


def test_canary_without_the_constraint_one_person_would_sit_twice(at_once, monkeypatch):
    terms = a_group_buy()
    buyer = a_user()
    wish = a_wish(buyer, terms.activity, now=TEN)
    monkeypatch.setattr(joining, "_insist_on_one_team", lambda *_: None)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX groupbuys_teammember_one_open_team_at_a_time")
    try:
        at_once(*[partial(opened, terms, buyer, wanted=wish)] * 2)

        assert TeamMember.objects.filter(user=buyer, is_open=True).count() == 2
    finally:
        TeamMember.objects.all().update(is_open=False)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX groupbuys_teammember_one_open_team_at_a_time"
                " ON groupbuys_teammember (activity_id, user_id) WHERE is_open"
            )


def test_canary_without_the_providers_time_a_late_payment_would_complete_a_team(monkeypatch):
    team = a_team(people=2)
    late = a_payment(joined(team, now=OVER - SECOND).placed.order, now=OVER - SECOND)
    at_the_desk(late, OVER + SECOND)
    monkeypatch.setattr(arithmetic, "counts", lambda *_: True)

    expiring.expire_due(now=SWEPT)

    team.refresh_from_db()
    assert team.state == "SUCCEEDED"


def test_canary_without_asking_first_a_payment_in_time_would_be_lost(monkeypatch):
    team = a_team(people=2)
    seated = joined(team, now=OVER - SECOND)
    payment = a_payment(seated.placed.order, now=OVER - SECOND)
    at_the_desk(payment, OVER - SECOND)
    # Pretend that seats whose payment is not known are simply let go.
    monkeypatch.setattr(expiring.closing, "close_unpaid", _let_go)

    expiring.expire_due(now=SWEPT)
    call_back(payment, now=SWEPT, captured_at=(OVER - SECOND).isoformat())

    team.refresh_from_db()
    assert team.state == "FAILED"
    assert Refund.objects.get(reason="LATE_PAYMENT").amount_fen == payment.amount_fen


def _let_go(order_id, *, reason, now):
    return closing._cancel(order_id, [], actor=seats.SYSTEM, reason=reason, now=now)


def test_paying_in_a_crowd_of_teams_never_deadlocks(at_once):
    terms = a_group_buy(quantity=40)
    teams = [a_team(terms, people=1) for _ in range(4)]
    crowd = [(team, a_user()) for team in teams for _ in range(2)]

    def sit_and_pay(team, buyer):
        return paid(joined(team, buyer), TEN)

    outcomes = at_once(*(partial(sit_and_pay, team, buyer) for team, buyer in crowd))
    settle()

    assert kinds(outcomes) == ["Payment"] * 8
    assert set(Team.objects.values_list("state", flat=True)) == {"SUCCEEDED"}
    assert left_of(teams[0]) == 28
    assert broken() == []
