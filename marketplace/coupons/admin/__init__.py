"""Coupons in the console: the money for coupons, and the batches that spend it."""

from marketplace.coupons.admin.batches import BatchPage
from marketplace.coupons.admin.budgets import BudgetPage
from marketplace.coupons.admin.rings import void_ring

__all__ = ["BatchPage", "BudgetPage", "void_ring"]
