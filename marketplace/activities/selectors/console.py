"""Flash sales as a campaign manager sees them in the console."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from marketplace.activities.models import Activity
from marketplace.activities.selectors import flash


def flash_sales_for(user: Any) -> QuerySet[Activity]:
    """Return the flash sales that a campaign manager looks after: all of them, or none."""
    rows = flash.every()
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()
