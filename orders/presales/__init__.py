"""Pre-sales: goods are bought before they are there, paid at once or in two steps.

Owns the terms of pre-sales, and where each of their orders stands between deposit and balance.
Asks activities for the price and its pieces, placement to order, payments to refund.
Tells placement whether a payment counts, and when the goods of an order may go.
"""
