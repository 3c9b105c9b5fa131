"""Drawing the next order number."""

import hashlib
import hmac
import os
from collections import deque
from functools import lru_cache

from django.conf import settings
from django.db import connection

from orders.placement.domain import numbers

# A process draws so many at once: most orders then need not ask for theirs. Gaps mean nothing.
AT_ONCE = 64
_drawn: deque[int] = deque()
# What a process has drawn is not its children's.
os.register_at_fork(after_in_child=_drawn.clear)


def next_number() -> str:
    """Return a number that no other order has or will have."""
    while True:
        try:
            serial = _drawn.popleft()
        except IndexError:
            draw()
        else:
            return numbers.number_of(serial, _key(settings.FIELD_INDEX_KEY))


def draw() -> None:
    """Draw the next numbers for this process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('placement_order_number') FROM generate_series(1, %s)", [AT_ONCE]
        )
        _drawn.extend(serial for (serial,) in cursor.fetchall())


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    # The index key is the one secret that is never rotated: another key would make numbers that
    # are taken already.
    return hmac.digest(secret.encode(), b"order numbers", hashlib.sha256)
