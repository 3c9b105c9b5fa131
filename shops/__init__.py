"""Who sells what.

Owns shops, their members and licences, products, SKUs and prepared product cards.
Asks `core` for people, regions, quotas and the outbox.
Tells when a product or a shop has changed.
"""
