"""The end of a team's time: whoever may have paid is asked about, then it is decided, once.

A worker that dies between asking and deciding leaves a team that is still due: the next one asks
again whatever is not known, and decides.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db.models import QuerySet

from core.audit.actors import Actor
from core.errors import IllegalTransition
from core.transactions import entry, needs_transaction
from orders.groupbuys.domain import arithmetic
from orders.groupbuys.domain.arithmetic import Seats
from orders.groupbuys.domain.states import TEAM, UNDECIDED, Failure
from orders.groupbuys.models import Team
from orders.groupbuys.selectors import members
from orders.groupbuys.services import seats
from orders.payments.services import closing, refunding

AT_ONCE_MAX = 100

log = structlog.get_logger(__name__)


def expire_due(*, now: datetime, limit: int = 1_000) -> int:
    """Decide the teams whose time and grace are over; return how many were.

    Those in which nobody is still to pay are decided as sets; for the others the provider is asked
    first. One that cannot be decided backs off, and stays closed to joins; the others go on.
    """
    decided = 0
    while decided < limit and (moved := _decide_set(now=now)):
        decided += moved
    unknown = _due(now).filter(locked__gt=0).order_by("next_attempt_at", "pk")
    ids = list(unknown.values_list("pk", flat=True)[:limit])
    return decided + sum(_expire_alone(team_id, now=now) for team_id in ids)


def ask(team_id: int, *, now: datetime) -> bool:
    """Ask the provider about everybody who is still to pay; tell whether all of it is known now.

    Their orders are closed: whoever paid in time sits, whoever paid late gets it back, and whoever
    did not pay cannot any more.
    """
    for order_id in members.to_pay(team_id):
        closing.close_unpaid(order_id, reason="the time of its team is over", now=now)
    return not members.to_pay(team_id)


@needs_transaction
def call_off(teams: QuerySet[Team], *, actor: Actor, now: datetime) -> int:
    """Give up undecided teams because the shop cannot deliver; return how many.

    Nobody joins or pays from then on; the sweep asks about who is paying, and refunds.
    """
    open_ones = teams.filter(state__in=UNDECIDED, called_off_at=None)
    log.info("teams_called_off", by=actor.user_id)
    return open_ones.update(called_off_at=now, next_attempt_at=now)


@entry
def call_off_one(team_id: int, *, actor: Actor, now: datetime) -> None:
    """Give up one team at a person's word.

    Raises:
        IllegalTransition: it is decided, or was called off before.
    """
    if not call_off(Team.objects.filter(pk=team_id), actor=actor, now=now):
        raise IllegalTransition(subject=TEAM.subject, action="call_off")


def _due(now: datetime) -> QuerySet[Team]:
    return Team.objects.filter(state__in=UNDECIDED, next_attempt_at__lte=now)


def _expire_alone(team_id: int, *, now: datetime) -> bool:
    try:
        if ask(team_id, now=now) and _decide_one(team_id, now=now):
            return True
    except Exception:
        # Whatever it is, it must not block the teams behind it.
        log.exception("team_not_decided", team=team_id)
    _put_off(team_id, now=now)
    return False


@entry
def _decide_set(*, now: datetime) -> int:
    return len(_decide(_due(now), now=now))


@entry
def _decide_one(team_id: int, *, now: datetime) -> bool:
    _decide(_due(now).filter(pk=team_id), now=now)
    # The last payment, or the last to leave, may have decided it while we asked.
    return not Team.objects.filter(pk=team_id, state__in=UNDECIDED).exists()


def _decide(rows: QuerySet[Team], *, now: datetime) -> list[int]:
    # Whom somebody is just paying for, leaving or deciding is left for the next time.
    due = list(
        rows.filter(locked=0)
        .select_for_update(no_key=True, skip_locked=True)
        .order_by("next_attempt_at", "pk")[:AT_ONCE_MAX]
    )
    off = [team.pk for team in due if team.called_off_at]
    enough = [team for team in due if not team.called_off_at and _is_enough(team)]
    for team in enough:
        seats.succeed(
            team.pk,
            now=now,
            virtual=team.size - team.paid,
            reason="nearly full, as the shop allows",
        )
    won = [team.pk for team in enough]
    lost = [team.pk for team in due if team.pk not in {*off, *won}]
    return [*won, *_fail(off, Failure.STOCK_OUT, now), *_fail(lost, Failure.EXPIRED, now)]


def _fail(team_ids: Sequence[int], failure: Failure, now: datetime) -> list[int]:
    return seats.fail(team_ids, failure, now=now) if team_ids else []


def _is_enough(team: Team) -> bool:
    taken = Seats(team.size, team.locked, team.paid, team.virtual)
    return arithmetic.is_enough(taken, team.virtual_mode, team.virtual_ratio_bp)


@entry
def _put_off(team_id: int, *, now: datetime) -> None:
    rows = Team.objects.filter(pk=team_id, state__in=UNDECIDED)
    for attempts in rows.values_list("attempts", flat=True):
        later = now + refunding.BACKOFF.after(attempts)
        rows.update(attempts=min(attempts + 1, 30_000), next_attempt_at=later)
