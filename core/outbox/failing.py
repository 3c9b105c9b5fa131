"""What becomes of a delivery that could not be made: later, or to a person."""

from datetime import datetime, timedelta

from django.db import connection

from core.outbox.models import Delivery, DeliveryState
from core.transactions import entry

ATTEMPTS_MAX = 12
BACKOFF_MAX = timedelta(minutes=15)
FAILURE_LENGTH_MAX = 2_000


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 2 s, 4 s, ... up to 15 minutes."""
    return min(timedelta(seconds=2 ** min(attempts, 20)), BACKOFF_MAX)


@entry
def postpone(delivery_id: int, failure: BaseException, *, now: datetime) -> None:
    """Count a failed attempt: try again later, or park after the last one."""
    delays = [backoff(attempts) for attempts in range(1, ATTEMPTS_MAX)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_delivery SET
                attempts = attempts + 1,
                state = CASE WHEN attempts + 1 < %(max)s THEN 'PENDING' ELSE 'PARKED' END,
                parked_at = CASE WHEN attempts + 1 < %(max)s THEN NULL ELSE %(now)s END,
                next_attempt_at = CASE WHEN attempts + 1 < %(max)s
                    THEN %(now)s + (%(delays)s::interval[])[attempts + 1] ELSE %(now)s END,
                rings = 0,
                failure = %(failure)s
            WHERE id = %(id)s AND state = 'PENDING'
            """,
            {
                "max": ATTEMPTS_MAX,
                "now": now,
                "delays": delays,
                "failure": _words(failure),
                "id": delivery_id,
            },
        )


@entry
def park(delivery_id: int, failure: BaseException, *, now: datetime) -> None:
    """Put a delivery aside for a person; nothing else waits for it."""
    Delivery.objects.filter(pk=delivery_id, state=DeliveryState.PENDING).update(
        state=DeliveryState.PARKED, parked_at=now, failure=_words(failure)
    )


def _words(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {failure}"[:FAILURE_LENGTH_MAX].replace("\x00", "")
