"""Counting paid orders, so that we know who is new without reading anybody's orders."""

from django.db import connection
from django.db.models import F

from core.transactions import needs_transaction
from marketplace.coupons.models import PurchaseCount

_COUNT = """
    INSERT INTO coupons_purchasecount AS present (user_id, orders) VALUES (%s, 1)
    ON CONFLICT (user_id) DO UPDATE SET orders = present.orders + 1
"""


@needs_transaction
def count_purchase(user_id: int) -> None:
    """Note that somebody's order was paid: with the first one they stop being new."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [user_id])


@needs_transaction
def uncount_purchase(user_id: int) -> None:
    """Note that somebody's paid order was undone as if it had never been."""
    PurchaseCount.objects.filter(user_id=user_id).update(orders=F("orders") - 1)
