"""Group buys and their teams as a campaign manager sees them: figures, and nobody's name."""

from collections.abc import Sequence
from typing import Any

from django.db.models import BigIntegerField, Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.accounts.domain.roles import Role
from core.console import reach
from core.quotas.models import QuotaShard
from orders.groupbuys.domain.states import UNDECIDED, TeamState
from orders.groupbuys.models import GroupTerms, Team
from orders.groupbuys.selectors import offered

TEAMS_SHOWN_MAX = 20


def group_buys_for(user: Any) -> QuerySet[GroupTerms]:
    """Return the group buys a campaign manager looks after: all of them, or none."""
    shards = QuotaShard.objects.filter(quota=OuterRef("activity__quota")).order_by()
    spent = shards.values("quota").annotate(spent=Sum("spent"))
    rows = offered.every().select_related("activity__sku__product__shop")
    rows = rows.annotate(
        state=F("activity__state"),
        sold=Subquery(spent.values("spent"), output_field=BigIntegerField()),
        forming=_teams(UNDECIDED),
        succeeded=_teams([TeamState.SUCCEEDED]),
        failed=_teams([TeamState.FAILED]),
    )
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def teams_for(user: Any) -> QuerySet[Team]:
    """Return the teams a campaign manager looks after: all of them, or none."""
    rows = Team.objects.select_related("activity__sku__product__shop")
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def teams_of(terms: GroupTerms) -> QuerySet[Team]:
    """Return the latest teams of a group buy."""
    return Team.objects.filter(activity=terms.activity_id).order_by("-pk")[:TEAMS_SHOWN_MAX]


def _teams(states: Sequence[str]) -> Coalesce:
    rows = Team.objects.filter(activity=OuterRef("activity"), state__in=states).order_by()
    counted = rows.values("activity").annotate(teams=Count("pk")).values("teams")
    return Coalesce(Subquery(counted, output_field=BigIntegerField()), 0)
