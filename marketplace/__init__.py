"""How it is promoted.

Owns sections, coupons and their budgets; `config` is the roof that puts the house together.
Asks `shops` for products and `core` for quotas.
Tells when a section or a campaign has changed.
"""
