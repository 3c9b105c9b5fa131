"""Writing facts down in the transaction that makes them true."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.types.json import Jsonb

from core.outbox import consuming, doorbell, events
from core.transactions import needs_transaction

# Until then the doorbell's own message is expected to arrive; afterwards the sweep rings.
FIRST_SWEEP_AFTER = timedelta(seconds=10)


class NobodyListens(RuntimeError):
    """An event without a consumer: register one in a `tasks` module or do not record it."""


@needs_transaction
def record(*facts: Any, now: datetime) -> None:
    """Record facts and what each consumer owes them; ring the workers after commit.

    Raises:
        NobodyListens: one of the facts has no consumer.
    """
    if not facts:
        return
    topics = [events.topic_of(type(fact)) for fact in facts]
    owed = [
        (place, consumer.name)
        for place, topic in enumerate(topics, start=1)
        for consumer in _consumers_of(topic)
    ]
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:100]
    with connection.cursor() as cursor:
        rows = _insert(cursor, topics, facts, owed, request_id, now)
    rings = [doorbell.Ring(delivery_id, consumer, request_id) for delivery_id, consumer in rows]
    doorbell.ring_after_commit(rings)


def _consumers_of(topic: str) -> list[consuming.Consumer]:
    found = consuming.consumers_of(topic)
    if not found:
        raise NobodyListens(topic)
    return found


def _insert(
    cursor: CursorWrapper,
    topics: Sequence[str],
    facts: Sequence[Any],
    owed: Sequence[tuple[int, str]],
    request_id: str,
    now: datetime,
) -> list[tuple[int, str]]:
    # The keys are drawn first, so that a delivery can name its message in the same statement.
    cursor.execute(
        """
        WITH fact AS MATERIALIZED (
            SELECT nextval(pg_get_serial_sequence('outbox_message', 'id')) AS id,
                   place, topic, body
            FROM unnest(%(topics)s::text[], %(bodies)s::jsonb[])
                WITH ORDINALITY AS given (topic, body, place)
        ),
        message AS (
            INSERT INTO outbox_message (id, topic, body, request_id, recorded_at)
            OVERRIDING SYSTEM VALUE
            SELECT id, topic, body, %(request_id)s, %(now)s FROM fact
        )
        INSERT INTO outbox_delivery
            (message_id, consumer, state, attempts, rings, next_attempt_at, failure)
        SELECT fact.id, owed.consumer, 'PENDING', 0, 0, %(due)s, ''
        FROM fact JOIN unnest(%(places)s::bigint[], %(consumers)s::text[])
            AS owed (place, consumer) USING (place)
        ORDER BY fact.place
        RETURNING id, consumer
        """,
        {
            "topics": list(topics),
            "bodies": [Jsonb(events.encode(fact)) for fact in facts],
            "request_id": request_id,
            "now": now,
            "due": now + FIRST_SWEEP_AFTER,
            "places": [place for place, _ in owed],
            "consumers": [name for _, name in owed],
        },
    )
    rows: list[tuple[int, str]] = cursor.fetchall()
    return rows
