"""Products, SKUs, stock and the prepared cards that lists are made of."""
