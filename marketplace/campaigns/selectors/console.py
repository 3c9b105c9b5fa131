"""What a campaign manager may see in the console."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from marketplace.campaigns.models import CouponBatch, CouponBudget
from marketplace.campaigns.selectors import shown


def budgets_for(user: Any) -> QuerySet[CouponBudget]:
    """Return the budgets somebody manages, with their figures: all of them, or none."""
    rows = shown.budgets()
    return rows if is_manager(user) else rows.none()


def batches_for(user: Any) -> QuerySet[CouponBatch]:
    """Return the batches somebody manages, with their figures: all of them, or none."""
    rows = shown.batches()
    return rows if is_manager(user) else rows.none()


def is_manager(user: Any) -> bool:
    """Tell whether somebody runs campaigns."""
    return bool(user.is_superuser) or roles.has(user.pk, Role.CAMPAIGN_MANAGER)
