"""Prices for a time: activities on SKUs, with pieces of their own.

Owns activities (flash, group buy, pre-sale, campaign price), their pieces, and who took how many.
Asks `shops.catalogue` for SKUs and their stock, `core.quotas` for pieces; it never reads orders.
Tells whoever prices a basket what a SKU costs at an instant, and out of which quota it is sold.
"""
