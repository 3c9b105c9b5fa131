"""What people buy, pay and get back.

Owns baskets, orders, payments, refunds and the reports read from them.
Asks everybody below: prices, coupons, freight, stock, the ledger.
Tells when an order was placed, paid, cancelled or completed.
"""
