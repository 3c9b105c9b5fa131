"""Budgets and batches as campaign managers see them in the console."""

from typing import Any

from django.db.models import Count, QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from marketplace.coupons.models import (
    BatchFunding,
    BatchShop,
    CodeRun,
    CouponBatch,
    CouponBudget,
)
from marketplace.coupons.selectors import funders, shown
from marketplace.sections.models import Section

OFFERED_MAX = 300


def budgets_for(user: Any) -> QuerySet[CouponBudget]:
    """Return the budgets somebody manages, all of them, or those of their organisation."""
    if reach.holds(user, Role.CAMPAIGN_MANAGER):
        return shown.budgets().select_related("opened_by", "organisation")
    if reach.holds(user, Role.FUNDER):
        return funders.budgets_of(user.pk).select_related("opened_by", "organisation")
    return shown.budgets().none()


def batches_for(user: Any) -> QuerySet[CouponBatch]:
    """Return the batches somebody manages, with their figures: all of them, or none."""
    rows = shown.batches()
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def budgets_of_funder(funder: str) -> list[Any]:
    """Return the newest budgets of a funder, with their figures."""
    rows = shown.budgets().filter(funder=funder)
    return list(rows.order_by("-opened_at", "-id")[:OFFERED_MAX])


def paid_from(budget: CouponBudget) -> list[BatchFunding]:
    """Return which batches a budget pays for, the newest first."""
    rows = BatchFunding.objects.filter(budget=budget).select_related("batch")
    return list(rows.order_by("-batch__created_at", "-id")[:OFFERED_MAX])


def code_run_of(batch: CouponBatch) -> CodeRun | None:
    """Return how far the codes of a batch are made; None where nobody asked for them."""
    return CodeRun.objects.filter(batch=batch).first()  # One for each batch.


def shops_that_bear(batch: CouponBatch) -> int:
    """Return how many shops have agreed to bear their part of a batch."""
    counted: int = BatchShop.objects.filter(batch=batch).aggregate(shops=Count("pk"))["shops"]
    return counted


def section_names() -> list[tuple[str, str, str]]:
    """Return the sections there are: slug, and both names."""
    rows = Section.objects.order_by("position", "id")
    return [(one.slug, one.name_en or one.name, one.name) for one in rows]
