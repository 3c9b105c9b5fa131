"""Opening a team and joining one: a seat and an order, both or neither."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from core.audit.actors import Actor
from core.audit.advancing import begin
from core.errors import DomainError, NotFound
from core.postgres.reading import rows_of
from core.transactions import needs_transaction, refusing
from marketplace.activities.domain.states import LIVE
from marketplace.activities.models import Activity
from orders.groupbuys.domain.states import MEMBER, TEAM, TeamState
from orders.groupbuys.models import GroupTerms, Team, TeamMember
from orders.groupbuys.selectors import members
from orders.placement.domain.problems import ActivityNotRunning
from orders.placement.domain.states import WaitsFor
from orders.placement.services import placement
from orders.placement.services.wishing import Wish, checkout_of
from orders.placement.services.writing import Placed
from shops.catalogue.models import Sku


class AlreadyInTeam(DomainError):
    """You are in a team of this group buy already."""

    code = "ALREADY_IN_TEAM"
    zh = "您已在该拼团活动的一个团中。"


class TeamFull(DomainError):
    """Every seat of this team is taken."""

    code = "TEAM_FULL"
    zh = "该团人数已满。"


class TeamClosed(DomainError):
    """This team takes nobody any more."""

    code = "TEAM_CLOSED"
    zh = "该团已结束或不再接受加入。"


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat that was just taken, and the order that is to be paid for it."""

    team: Team
    placed: Placed


@needs_transaction
def open_team(activity: UUID, wish: Wish, *, buyer_id: int, actor: Actor, now: datetime) -> Seated:
    """Open a team and take its first seat; it forms once this is paid.

    Raises:
        NotFound: there is no such group buy.
        ActivityNotRunning: it has not begun, or has ended.
        AlreadyInTeam: the buyer is in a team of it that is undecided.
        what `place_order` raises.
    """
    terms = _terms(activity)
    selling = terms.activity
    if selling.state not in LIVE or not selling.starts_at <= now < selling.ends_at:
        raise ActivityNotRunning(activity=str(activity))
    _insist_on_one_team(selling.pk, buyer_id)
    team = Team(
        activity=selling,
        leader_id=buyer_id,
        size=terms.team_size,
        team_hours=terms.team_hours,
        virtual_mode=terms.virtual_mode,
        virtual_ratio_bp=terms.virtual_ratio_bp,
        locked=1,
        created_at=now,
    )
    begin(team, TEAM, actor=actor, now=now)
    return _take_seat(team, wish, buyer_id=buyer_id, actor=actor, now=now)


@needs_transaction
def join(team: UUID, wish: Wish, *, buyer_id: int, actor: Actor, now: datetime) -> Seated:
    """Take a free seat of a forming team, also after the group buy itself has ended.

    Raises:
        NotFound: there is no such team.
        TeamClosed: it is decided, its time is over, or its leader has not paid.
        TeamFull: every seat is taken.
        AlreadyInTeam: the buyer is in it, or in another one of this group buy.
        what `place_order` raises.
    """
    joined = _locked(team)
    _insist_on_one_team(joined.activity_id, buyer_id)
    # The guard is the WHERE: of many for the last seat one sits down. The team's row comes before
    # every quota, here as everywhere.
    if not _open_to_join(now).filter(pk=joined.pk).update(locked=F("locked") + 1):
        raise TeamFull if _open_to_all(now).filter(pk=joined.pk).exists() else TeamClosed
    joined.locked += 1
    return _take_seat(joined, wish, buyer_id=buyer_id, actor=actor, now=now)


def _take_seat(team: Team, wish: Wish, *, buyer_id: int, actor: Actor, now: datetime) -> Seated:
    checkout = checkout_of(wish, team.activity, waits_for=WaitsFor.TEAM)
    placed = placement.place_order(buyer_id, checkout, actor=actor, now=now)
    seat = TeamMember(
        team=team,
        activity_id=team.activity_id,
        user_id=buyer_id,
        order=placed.order,
        joined_at=now,
    )
    with refusing(
        {
            "groupbuys_teammember_one_open_team_at_a_time": AlreadyInTeam,
            "groupbuys_teammember_one_seat_in_a_team": AlreadyInTeam,
        }
    ):
        begin(seat, MEMBER, actor=actor, now=now)
    if placed.order.is_free:
        placement.pay_nothing(placed, actor=actor, now=now)
        team.refresh_from_db()
    return Seated(team, placed)


def _terms(activity: UUID) -> GroupTerms:
    try:
        return GroupTerms.objects.select_related("activity__sku").get(activity__reference=activity)
    except GroupTerms.DoesNotExist:
        raise NotFound(subject="group buy") from None


def _locked(team: UUID) -> Team:
    """Lock a team and return it with its group buy and the goods of that."""
    found = rows_of(Team, "WHERE reference = %s FOR NO KEY UPDATE", [team])
    if not found:
        raise NotFound(subject="team")
    (locked,) = found
    (locked.activity,) = rows_of(Activity, "WHERE id = %s", [locked.activity_id])
    (locked.activity.sku,) = rows_of(Sku, "WHERE id = %s", [locked.activity.sku_id])
    return locked


def _insist_on_one_team(activity_id: int, user_id: int) -> None:
    if members.is_in_a_team(activity_id, user_id):
        raise AlreadyInTeam


def _open_to_all(now: datetime) -> QuerySet[Team]:
    return Team.objects.filter(state=TeamState.FORMING, expires_at__gt=now, called_off_at=None)


def _open_to_join(now: datetime) -> QuerySet[Team]:
    return _open_to_all(now).filter(size__gt=F("locked") + F("paid"))
