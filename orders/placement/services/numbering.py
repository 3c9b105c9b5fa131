"""Drawing the next order number."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings
from django.db import connection

from orders.placement.domain import numbers


def next_number() -> str:
    """Return a number that no other order has or will have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('placement_order_number')")
        (serial,) = cursor.fetchone()
    return numbers.number_of(serial, _key(settings.FIELD_INDEX_KEY))


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    # The index key is the one secret that is never rotated: another key would make numbers that
    # are taken already.
    return hmac.digest(secret.encode(), b"order numbers", hashlib.sha256)
