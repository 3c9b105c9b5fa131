"""Pricing and placing orders, and their life until completion.

Owns orders, shop orders and their lines, the quote, the order number.
Asks goods, coupons, freight and addresses for facts; holds stock, locks coupons, plans parcels.
Tells when an order was placed, paid, cancelled, closed, and when each shop's part was completed.
"""
