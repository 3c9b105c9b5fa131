"""Products, SKUs, stock and the prepared cards that lists are made of.

Owns the category tree, products with their photos, SKUs, the journal of stock, product cards.
Asks storefronts who may sell what, quotas what is left, regions where goods come from.
Tells when a product was published, changed or withdrawn.
"""
