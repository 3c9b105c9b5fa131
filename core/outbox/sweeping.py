"""What happens again and again behind everybody's back: ringing for what is owed, tidying up."""

from datetime import datetime, timedelta

from django.db import connection
from redis.exceptions import RedisError

from core.outbox import consuming, doorbell, pulse
from core.transactions import entry

# A queue as long as this has not lost its messages; ringing again would only make it longer.
BACKLOG = 20
RING_AGAIN_AFTER = timedelta(seconds=10)
RING_AGAIN_AFTER_MAX = timedelta(seconds=60)
BATCH = 500
PURGE_BATCH = 5_000


def sweep(now: datetime, *, limit: int = BATCH) -> int:
    """Ring again for deliveries that nobody answered in time; return how many were rung.

    What a consumer is not known of here (an older worker beside a newer publisher) is left for
    a process that knows it. What stands in a long queue is left there: see `BACKLOG`.
    """
    rings = _take_due(now, _reachable(), limit)
    doorbell.ring(rings)
    return len(rings)


def _reachable() -> list[str]:
    try:
        lengths = pulse.queue_lengths()
    except RedisError:
        return []
    return [
        found.name
        for found in consuming.registered().values()
        if lengths.get(found.queue, 0) < BACKLOG
    ]


@entry
def _take_due(now: datetime, known: list[str], limit: int) -> list[doorbell.Ring]:
    # The next ring is set further away each time, so that a queue which is only slow, or a
    # worker group which is down for an hour, does not find every delivery a thousand times.
    steps = [min(RING_AGAIN_AFTER * 2**rings, RING_AGAIN_AFTER_MAX) for rings in range(4)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_delivery AS delivery SET
                rings = delivery.rings + 1,
                next_attempt_at = %(now)s + (%(steps)s::interval[])[least(delivery.rings, 3) + 1]
            FROM outbox_message AS message
            WHERE delivery.id = ANY(ARRAY(
                    SELECT id FROM outbox_delivery
                    WHERE state = 'PENDING' AND next_attempt_at <= %(now)s
                        AND consumer = ANY(%(known)s)
                    ORDER BY next_attempt_at, id
                    LIMIT %(limit)s
                    FOR UPDATE SKIP LOCKED
                ))
                AND message.id = delivery.message_id
            RETURNING delivery.id, delivery.consumer, message.request_id
            """,
            {
                "now": now,
                "steps": steps,
                "known": known,
                "limit": limit,
            },
        )
        return [
            doorbell.Ring(delivery_id, consumer, request_id, is_again=True)
            for delivery_id, consumer, request_id in sorted(cursor.fetchall())
        ]


@entry
def purge(now: datetime, *, keep: timedelta, limit: int = PURGE_BATCH) -> int:
    """Delete messages that everybody settled longer ago than `keep`; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH settled AS (
                SELECT message.id FROM outbox_message AS message
                WHERE message.recorded_at < %(until)s
                    AND NOT EXISTS (
                        SELECT 1 FROM outbox_delivery AS delivery
                        WHERE delivery.message_id = message.id
                            AND (delivery.state <> 'DONE' OR delivery.done_at >= %(until)s)
                    )
                ORDER BY message.recorded_at, message.id
                LIMIT %(limit)s
                FOR UPDATE SKIP LOCKED
            ),
            receipts AS (
                DELETE FROM outbox_delivery USING settled WHERE message_id = settled.id
            )
            DELETE FROM outbox_message USING settled WHERE outbox_message.id = settled.id
            """,
            {"until": now - keep, "limit": limit},
        )
        return int(cursor.rowcount)
