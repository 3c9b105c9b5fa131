"""Coupons and the budgets that pay for them.

Owns budgets, batches with their terms, scope and funders, people's coupons and their uses.
Asks `core.quotas` for pieces and money; `sections`, `shops` and regions for what is in scope.
Tells whoever prices a basket what a coupon takes off and who bears it; it never reads orders.
"""
