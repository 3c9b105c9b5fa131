"""What the outbox looks like from outside: for metrics and for the console."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """How much is owed, how long the oldest has waited, how many wait for a person."""

    pending: int
    oldest_pending_s: float
    parked: int


def open_deliveries(now: datetime) -> OutboxFigures:
    """Return the figures of deliveries that are not settled; settled ones are not looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), extract(epoch FROM %s - min(message.recorded_at)),
                (SELECT count(*) FROM outbox_delivery WHERE state = 'PARKED')
            FROM outbox_delivery AS delivery
            JOIN outbox_message AS message ON message.id = delivery.message_id
            WHERE delivery.state = 'PENDING'
            """,
            (now,),
        )
        pending, oldest_s, parked = cursor.fetchone()
    return OutboxFigures(pending, max(float(oldest_s or 0), 0.0), parked)
