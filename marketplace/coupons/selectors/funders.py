"""A funder's own money: the budgets of their organisation, and what these pay for."""

from uuid import UUID

from django.db.models import F, QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from core.errors import NotFound
from marketplace.coupons.models import CouponBatch, CouponBudget, CouponUse
from marketplace.coupons.selectors import shown


def budgets_of(user_id: int) -> QuerySet[CouponBudget]:
    """Return the budgets of the organisations that somebody is an officer of."""
    bodies = roles.organisations_of(user_id, Role.FUNDER)
    return shown.budgets().filter(organisation__in=bodies)


def budget_of(user_id: int, reference: UUID) -> CouponBudget:
    """Return a budget of somebody's organisation, with its figures.

    Raises:
        NotFound: there is none, or it is another organisation's.
    """
    found = budgets_of(user_id).filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="coupon_budget")
    return found


def batches_of(budget: CouponBudget) -> QuerySet[CouponBatch]:
    """Return the batches that a budget pays for, each with its share and its figures."""
    return shown.batches().filter(funding__budget=budget).annotate(bp=F("funding__bp"))


def movements_of(budget: CouponBudget) -> QuerySet[CouponUse]:
    """Return what was ever taken out of a budget, with what came back."""
    return CouponUse.objects.filter(budget=budget).select_related("coupon__batch")
