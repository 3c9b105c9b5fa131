"""Pre-sales as a campaign manager sees them in the console: figures, and nobody's name."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from orders.presales.models import Preorder, PresaleTerms


def presales_for(user: Any) -> QuerySet[PresaleTerms]:
    """Return the pre-sales a campaign manager looks after: all of them, or none."""
    rows = PresaleTerms.objects.select_related("activity__sku__product__shop")
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def preorders_for(user: Any) -> QuerySet[Preorder]:
    """Return the orders of pre-sales for a campaign manager: all of them, or none."""
    rows = Preorder.objects.select_related("order", "terms__activity__sku__product__shop").defer(
        "order__recipient", "order__phone", "order__street"
    )
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()
