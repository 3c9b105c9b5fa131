"""Full reductions as a campaign manager sees them in the console."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from marketplace.reductions.models import ShopReduction
from marketplace.reductions.selectors import shown


def reductions_for(user: Any) -> QuerySet[ShopReduction]:
    """Return the reductions that a campaign manager looks after: all of them, or none."""
    rows = shown.every().select_related("shop", "created_by")
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()
