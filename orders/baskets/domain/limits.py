"""How much fits into a basket, and so into an order."""

LINES_MAX = 100
QUANTITY_MAX = 1_000_000
