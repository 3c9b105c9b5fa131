"""What a campaign manager may see in the console."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from marketplace.campaigns.models import CouponBatch, CouponBudget
from marketplace.campaigns.selectors import shown


def budgets_for(user: Any) -> QuerySet[CouponBudget]:
    """Return the budgets somebody manages, with their figures: all of them, or none."""
    rows = shown.budgets()
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def batches_for(user: Any) -> QuerySet[CouponBatch]:
    """Return the batches somebody manages, with their figures: all of them, or none."""
    rows = shown.batches()
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def budget_choices() -> list[tuple[str, str]]:
    """Return the budgets that a batch can be paid from, newest first."""
    newest = CouponBudget.objects.order_by("-opened_at", "-pk")[:200]
    return [(str(budget.reference), budget.name) for budget in newest]


def payer_of(reference: str) -> tuple[str, UUID]:
    """Return whose money a budget is, with the budget's reference."""
    budget = CouponBudget.objects.get(reference=reference)
    return budget.funder, budget.reference
