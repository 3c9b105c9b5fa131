"""Seats: paid for, given up, left; and what becomes of their team with the last of them.

This is the host of the orders that wait for a team (`placement.services.waiting`). The team's row
is locked before its seats are looked at, after the order and before any quota, by everybody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from core.audit.actors import SYSTEM
from core.audit.advancing import Rows, advance, advance_one
from core.outbox.recording import record
from core.transactions import needs_transaction
from orders.groupbuys.domain import arithmetic
from orders.groupbuys.domain.arithmetic import Seats
from orders.groupbuys.domain.states import MEMBER, TEAM, Failure, MemberState, TeamState
from orders.groupbuys.events import SeatLost, SeatWon
from orders.groupbuys.models import Team, TeamMember
from orders.groupbuys.selectors import members


@needs_transaction
def take_payment(order_id: int, *, paid_at: datetime, now: datetime) -> bool:
    """Count a seat as paid if the provider took the money in time; the last one completes the team.

    The leader's payment opens the team, and its time runs from then.
    """
    team = _lock_team_of(order_id)
    if not _may_pay(team, paid_at):
        return False
    seat = Rows(TeamMember, "order_id", order_id)
    if not advance(seat, MEMBER, "pay", actor=SYSTEM, now=now, paid_at=paid_at):
        return False
    rows = Team.objects.filter(pk=team.pk)
    counted: dict[str, Any] = {"locked": F("locked") - 1, "paid": F("paid") + 1}
    if team.state == TeamState.OPENING:
        opened_at = min(paid_at, now)
        expires_at = opened_at + timedelta(hours=team.team_hours)
        counted |= {"opened_at": opened_at, "expires_at": expires_at}
        counted["next_attempt_at"] = expires_at + arithmetic.GRACE
        advance_one(rows, TEAM, "open", actor=SYSTEM, now=now, **counted)
        return True
    rows.update(**counted)
    _have_a_leader(team)
    if seats_of(team.pk).is_full:
        succeed(team.pk, now=now)
    return True


@needs_transaction
def give_up(order_id: int, *, now: datetime) -> None:
    """Free the seat of an order that will not be paid; a team that nobody is left in fails."""
    team = _lock_team_of(order_id)
    seat = Rows(TeamMember, "order_id", order_id)
    if advance(seat, MEMBER, "release", actor=SYSTEM, now=now, is_open=False):
        Team.objects.filter(pk=team.pk).update(locked=F("locked") - 1)
        _go_on_without(team, now=now)


@needs_transaction
def leave(order_id: int, *, now: datetime) -> None:
    """Free the seat of a paid order that is undone; whoever paid first of the others leads.

    In a team that has succeeded the seat stays: what follows is between buyer and shop.
    """
    team = _lock_team_of(order_id)
    if team.state == TeamState.SUCCEEDED:
        return
    seat = Rows(TeamMember, "order_id", order_id)
    if advance(seat, MEMBER, "leave", actor=SYSTEM, now=now, is_open=False):
        Team.objects.filter(pk=team.pk).update(paid=F("paid") - 1)
        _go_on_without(team, now=now)
    if members.was_free(order_id):
        advance(seat, MEMBER, "refund", actor=SYSTEM, now=now)


@needs_transaction
def note_refunded(order_reference: str, *, now: datetime) -> None:
    """Take note that the money of a seat has gone back."""
    seat = TeamMember.objects.filter(order__reference=order_reference)
    advance(seat, MEMBER, "refund", actor=SYSTEM, now=now)


@needs_transaction
def succeed(team_id: int, *, now: datetime, virtual: int = 0, reason: str = "") -> None:
    """Let a team succeed and tell its orders; `virtual` seats stay empty by the shop's word."""
    team = Team.objects.get(pk=team_id)
    TeamMember.objects.bulk_create(
        TeamMember(
            team=team,
            activity_id=team.activity_id,
            state=MemberState.VIRTUAL,
            is_virtual=True,
            is_open=False,
            joined_at=now,
        )
        for _ in range(virtual)
    )
    advance_one(
        Team.objects.filter(pk=team_id),
        TEAM,
        "succeed",
        actor=SYSTEM,
        now=now,
        reason=reason,
        succeeded_at=now,
        virtual=virtual,
        next_attempt_at=None,
    )
    _close_seats([team_id])
    record(*map(SeatWon, members.paid_orders([team_id])), now=now)


@needs_transaction
def fail(team_ids: Sequence[int], failure: Failure, *, now: datetime) -> list[int]:
    """Let teams fail and tell their paid orders; return which did.

    Nobody in them is still to pay: whoever calls this has seen to that, and the database insists.
    """
    failed = advance(
        Team.objects.filter(pk__in=team_ids),
        TEAM,
        "fail",
        actor=SYSTEM,
        now=now,
        reason=failure.label.partition("|")[0],
        failure=failure,
        failed_at=now,
        next_attempt_at=None,
    )
    _close_seats(failed)
    record(*map(SeatLost, members.paid_orders(failed)), now=now)
    return failed


def seats_of(team_id: int) -> Seats:
    """Return how a team's seats are taken now."""
    rows = Team.objects.filter(pk=team_id)
    return Seats(*rows.values_list("size", "locked", "paid", "virtual").get())


def _lock_team_of(order_id: int) -> Team:
    rows = Team.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(members__order_id=order_id)


def _may_pay(team: Team, paid_at: datetime) -> bool:
    if team.called_off_at is not None:
        return False
    if team.state == TeamState.OPENING:
        return True
    if team.state != TeamState.FORMING or team.expires_at is None:
        return False
    return arithmetic.counts(paid_at, team.expires_at)


def _have_a_leader(team: Team) -> None:
    leader = arithmetic.next_leader(members.who_paid(team.pk))
    Team.objects.filter(pk=team.pk, leader=None).update(leader=leader.user_id if leader else None)


def _go_on_without(team: Team, *, now: datetime) -> None:
    if team.state not in (TeamState.OPENING, TeamState.FORMING):
        return
    if seats_of(team.pk).is_deserted:
        failure = Failure.STOCK_OUT if team.called_off_at else Failure.CANCELLED
        fail([team.pk], failure, now=now)
        return
    leader = arithmetic.next_leader(members.who_paid(team.pk))
    Team.objects.filter(pk=team.pk).update(leader=leader.user_id if leader else None)


def _close_seats(team_ids: Sequence[int]) -> None:
    TeamMember.objects.filter(team__in=team_ids, is_open=True).update(is_open=False)
