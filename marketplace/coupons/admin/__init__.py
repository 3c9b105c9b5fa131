"""Coupons in the console: the money for coupons, and the batches that spend it."""

from marketplace.coupons.admin.batches import BatchPage
from marketplace.coupons.admin.budgets import BudgetPage

__all__ = ["BatchPage", "BudgetPage"]
