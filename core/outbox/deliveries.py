"""The receipt: a delivery is settled in the transaction of its effect, by exactly one."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from core.outbox import doorbell, events
from core.transactions import needs_transaction


@needs_transaction
def settle(delivery_id: int, *, now: datetime) -> Any | None:
    """Claim a delivery and return its event, or None when somebody already did.

    A twin that is still at work counts as somebody: if it fails, the delivery stays owed and
    the sweep rings again. So being told twice never makes anybody wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_delivery AS delivery
            SET state = 'DONE', done_at = %s
            FROM outbox_message AS message
            WHERE delivery.id = (
                    SELECT id FROM outbox_delivery WHERE id = %s AND state = 'PENDING'
                    FOR UPDATE SKIP LOCKED
                )
                AND message.id = delivery.message_id
            RETURNING message.topic, message.body
            """,
            (now, delivery_id),
        )
        row = cursor.fetchone()
    if row is None:
        return None
    topic, body = row
    # Django hands JSON over as text, to decode it once in its own fields.
    return events.decode(topic, json.loads(body))


@needs_transaction
def rerun(delivery_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Take deliveries that were parked up again, from the first attempt; return which."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_delivery
            SET state = 'PENDING', parked_at = NULL, attempts = 0, rings = 0, next_attempt_at = %s
            WHERE id = ANY(%s) AND state = 'PARKED'
            RETURNING id, consumer
            """,
            (now, list(delivery_ids)),
        )
        rows = cursor.fetchall()
    rings = [doorbell.Ring(delivery_id, consumer) for delivery_id, consumer in rows]
    doorbell.ring_after_commit(rings)
    return sorted(delivery_id for delivery_id, _ in rows)
