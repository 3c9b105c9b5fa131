"""Coupons and the budgets that pay for them."""
