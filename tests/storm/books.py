"""Looking into the market's rows from outside, while its database comes and goes."""

import json
from collections.abc import Iterable
from typing import Any

import psycopg
import redis

from tests.support.stack import Stack

CONNECT_TIMEOUT_S = 3

# What somebody still waits for; when all of it is zero, the market has come to rest.
WAITING = """
    SELECT 'orders to be paid', count(*) FROM placement_order WHERE state = 'PENDING_PAYMENT'
    UNION ALL
    SELECT 'shop orders under way', count(*) FROM placement_shoporder
    WHERE state NOT IN ('PENDING_PAYMENT', 'COMPLETED', 'CANCELLED', 'CLOSED')
    UNION ALL
    SELECT 'deliveries', count(*) FROM outbox_delivery WHERE state = 'PENDING'
    UNION ALL
    SELECT 'payments', count(*) FROM payments_payment
    WHERE state IN ('INIT', 'PROCESSING', 'QUARANTINED')
    UNION ALL
    SELECT 'refunds', count(*) FROM payments_refund WHERE state = 'REQUESTED'
    UNION ALL
    SELECT 'coupons in an order', count(*) FROM coupons_usercoupon WHERE state = 'LOCKED'
    UNION ALL
    SELECT 'coupons past their time', count(*) FROM coupons_usercoupon
    WHERE state = 'UNUSED' AND valid_until < now()
    UNION ALL
    SELECT 'parcels to be called back', count(*) FROM parcels_parcel
    WHERE state = 'CANCELLED' AND next_attempt_at IS NOT NULL
    UNION ALL
    SELECT 'callbacks of the provider', count(*) FROM sandbox_provider_notice
    WHERE answered_at IS NULL AND attempts < 12
    UNION ALL
    SELECT 'callbacks of the carrier', count(*) FROM sandbox_carrier_scan
    WHERE answered_at IS NULL AND attempts < 12
"""

_FETCHED = "state = 'CANCELLED' AND failure = 'collected although it was called back'"
COUNTS = {
    "orders stored": "SELECT count(*) FROM placement_order",
    "orders by their end": "SELECT state, count(*) FROM placement_order GROUP BY 1 ORDER BY 1",
    "deliveries": "SELECT state, count(*) FROM outbox_delivery GROUP BY 1 ORDER BY 1",
    "deliveries rung for again": "SELECT count(*) FROM outbox_delivery WHERE rings > 0",
    "deliveries begun more than once": "SELECT count(*) FROM outbox_delivery WHERE attempts > 0",
    "payments by what came of them":
        "SELECT coalesce(nullif(verdict, ''), 'NONE'), count(*) FROM payments_payment"
        " GROUP BY 1 ORDER BY 1",
    "refunds": "SELECT state, count(*) FROM payments_refund GROUP BY 1 ORDER BY 1",
    "callbacks the provider sent": "SELECT coalesce(sum(attempts), 0) FROM sandbox_provider_notice",
    "callbacks the market took": "SELECT count(*) FROM payments_providerevent",
    "reports the carrier sent": "SELECT coalesce(sum(attempts), 0) FROM sandbox_carrier_scan",
    "reports the market wrote down":
        "SELECT count(*) FROM parcels_trackingevent WHERE state <> 'CREATED'",
    "parcels": "SELECT state, count(*) FROM parcels_parcel GROUP BY 1 ORDER BY 1",
    # That one is life: the carrier fetched what its buyer was cancelling at that moment.
    "parcels fetched although called back":
        f"SELECT count(*) FROM parcels_parcel WHERE parked_at IS NOT NULL AND {_FETCHED}",
    "parcels parked for another reason":
        f"SELECT count(*) FROM parcels_parcel WHERE parked_at IS NOT NULL AND NOT {_FETCHED}",
    "coupons": "SELECT state, count(*) FROM coupons_usercoupon GROUP BY 1 ORDER BY 1",
}  # fmt: skip


class Books:
    """One connection, opened again whenever it was lost; not for several threads."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]] | None:
        """Return the rows of a query, or None while the database is away."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self.stack.database_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S
                )
            cursor = self._connection.execute(query, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError:
            self.close()
            return None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def waiting(books: Books) -> dict[str, int] | None:
    """Return what is still waited for, by kind; None while the database is away."""
    rows = books.rows(WAITING)
    return None if rows is None else {what: count for what, count in rows if count}


def messages_waiting(stack: Stack, queues: Iterable[str]) -> int:
    """Return how many messages lie in the queues."""
    with redis.Redis.from_url(stack.redis_url, socket_timeout=CONNECT_TIMEOUT_S) as server:
        return sum(server.llen(name) for name in queues)


def counts(books: Books) -> dict[str, Any]:
    """Return the figures of the whole storm."""
    told: dict[str, Any] = {}
    for what, query in COUNTS.items():
        rows = books.rows(query) or []
        told[what] = rows[0][0] if rows and len(rows[0]) == 1 else dict(rows)
    return told


def queues_of_consumers(stack: Stack) -> dict[str, str]:
    """Return the queue on which each consumer of the running program listens."""
    asked = stack.manage(
        "shell", "--no-imports", "-c",
        "import json; from core.outbox import consuming;"
        " print(json.dumps({one.name: one.queue for one in consuming.registered().values()}))",
    )  # fmt: skip
    told: dict[str, str] = json.loads(asked.stdout.splitlines()[-1])
    return told
