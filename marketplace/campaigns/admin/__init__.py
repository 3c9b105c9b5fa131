"""Campaigns in the console: the money for coupons, and the batches that spend it."""

from marketplace.campaigns.admin.batches import BatchPage
from marketplace.campaigns.admin.budgets import BudgetPage

__all__ = ["BatchPage", "BudgetPage"]
