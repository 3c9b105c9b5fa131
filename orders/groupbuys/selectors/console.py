"""Teams as a campaign manager sees them in the console: figures, and nobody's name."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from orders.groupbuys.models import Team


def teams_for(user: Any) -> QuerySet[Team]:
    """Return the teams a campaign manager looks after: all of them, or none."""
    rows = Team.objects.select_related("activity__sku__product__shop")
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()
