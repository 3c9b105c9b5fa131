"""Group buys and teams as buyers, shops and friends with a link see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum

from core.errors import NotFound
from core.quotas.models import QuotaShard
from marketplace.activities.domain.states import LIVE
from orders.groupbuys.domain.arithmetic import Seats
from orders.groupbuys.domain.states import SEATED, MemberState, TeamState
from orders.groupbuys.models import GroupTerms, Team, TeamMember

TEAMS_SHOWN_MAX = 20


def running(now: datetime, *, product: UUID | None = None) -> QuerySet[GroupTerms]:
    """Return the group buys in which a team can be opened now."""
    rows = _with_goods().filter(
        activity__state__in=LIVE, activity__starts_at__lte=now, activity__ends_at__gt=now
    )
    return rows.filter(activity__sku__product__reference=product) if product else rows


def every() -> QuerySet[GroupTerms]:
    """Return all group buys with their goods, whether they run or not."""
    return _with_goods()


def of_shop(shop_id: int) -> QuerySet[GroupTerms]:
    """Return the group buys of a shop, whether they run or not."""
    return _with_goods().filter(activity__shop=shop_id)


def group_buy(reference: UUID) -> GroupTerms:
    """Return a group buy.

    Raises:
        NotFound: there is none of this reference.
    """
    try:
        return _with_goods().get(activity__reference=reference)
    except GroupTerms.DoesNotExist:
        raise NotFound(subject="group buy") from None


def team(reference: UUID) -> Team:
    """Return a team.

    Raises:
        NotFound: there is none of this reference.
    """
    try:
        return Team.objects.select_related("activity").get(reference=reference)
    except Team.DoesNotExist:
        raise NotFound(subject="team") from None


def teams_of(user_id: int) -> QuerySet[TeamMember]:
    """Return the seats that somebody has or had."""
    return TeamMember.objects.filter(user=user_id).select_related("team__activity", "order")


def joinable(activity_id: int, now: datetime) -> list[Team]:
    """Return the teams of a group buy that can be joined, those with the least time left first."""
    rows = Team.objects.filter(
        activity=activity_id,
        state=TeamState.FORMING,
        expires_at__gt=now,
        called_off_at=None,
        size__gt=F("locked") + F("paid"),
    )
    return list(rows.select_related("activity").order_by("expires_at", "id")[:TEAMS_SHOWN_MAX])


def shown(terms: Any, now: datetime) -> dict[str, Any]:
    """Return a group buy as everybody sees it; its goods and what is left are at hand."""
    activity = terms.activity
    return {
        "id": activity.reference,
        "state": activity.state,
        "sku": activity.sku.reference,
        "product": activity.sku.product.reference,
        "title": activity.sku.product.title,
        "spec": activity.sku.spec,
        "price_fen": activity.price_fen,
        "list_price_fen": activity.list_price_fen,
        "left": terms.left,
        "per_user_limit": activity.per_user_limit,
        "team_size": terms.team_size,
        "team_hours": terms.team_hours,
        "virtual_mode": terms.virtual_mode,
        "virtual_ratio_bp": terms.virtual_ratio_bp,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "server_time": now,
    }


def shown_with_teams(terms: GroupTerms, now: datetime) -> dict[str, Any]:
    """Return a group buy with the teams that one could join."""
    teams = [team_shown(found, now) for found in joinable(terms.activity_id, now)]
    return shown(terms, now) | {"teams": teams}


def team_shown(found: Team, now: datetime) -> dict[str, Any]:
    """Return a team as anybody with its link sees it: figures and times, and nobody's name."""
    seats = Seats(found.size, found.locked, found.paid, found.virtual)
    is_open = (
        found.state == TeamState.FORMING
        and found.called_off_at is None
        and found.expires_at is not None
        and now < found.expires_at
    )
    return {
        "id": found.reference,
        "group_buy": found.activity.reference,
        "state": found.state,
        "failure": found.failure or None,
        "size": found.size,
        "paid": found.paid,
        "locked": found.locked,
        "virtual": found.virtual,
        "free": seats.free if is_open else 0,
        "is_joinable": is_open and seats.free > 0,
        "opened_at": found.opened_at,
        "expires_at": found.expires_at,
        "succeeded_at": found.succeeded_at,
        "failed_at": found.failed_at,
        "server_time": now,
    }


def seat_shown(seat: TeamMember, now: datetime) -> dict[str, Any]:
    """Return one's own seat, with its team and the order that pays for it."""
    order = seat.order
    return {
        "state": seat.state,
        "is_leader": seat.team.leader_id == seat.user_id and seat.state in SEATED,
        "joined_at": seat.joined_at,
        "paid_at": seat.paid_at,
        "order": None if order is None else order.reference,
        "team": team_shown(seat.team, now),
    }


def sold_in(terms: Iterable[GroupTerms]) -> int:
    """Return how many people really bought in these group buys: empty seats never count."""
    return TeamMember.objects.filter(
        activity__in=[one.activity_id for one in terms],
        team__state=TeamState.SUCCEEDED,
        state=MemberState.PAID,
        is_virtual=False,
    ).count()


def _with_goods() -> QuerySet[GroupTerms]:
    shards = QuotaShard.objects.filter(quota=OuterRef("activity__quota")).order_by()
    free = shards.values("quota").annotate(free=Sum(F("total") - F("held") - F("spent")))
    left = Subquery(free.values("free"), output_field=BigIntegerField())
    return GroupTerms.objects.select_related("activity__sku__product").annotate(left=left)
