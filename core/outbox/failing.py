"""What becomes of a delivery that could not be made: later, or to a person."""

from datetime import datetime, timedelta

from django.db import connection

from core.outbox.models import Delivery, DeliveryState
from core.pacing import Backoff
from core.transactions import entry

ATTEMPTS_MAX = 12
BACKOFF = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=15))
FAILURE_LENGTH_MAX = 2_000
NO_ANSWER = "every process that worked on it ended before it could answer"


@entry
def begin(delivery_id: int, *, is_redelivered: bool, now: datetime) -> bool:
    """Count an attempt before it is made; return whether to make it.

    After the last one that nobody survived the delivery is parked instead. What the broker hands
    over again by itself is made at once only the first time: afterwards the sweep says when.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_delivery SET
                attempts = least(attempts + 1, %(max)s),
                state = CASE WHEN attempts < %(max)s THEN 'PENDING' ELSE 'PARKED' END,
                parked_at = CASE WHEN attempts < %(max)s THEN NULL ELSE %(now)s END,
                failure = CASE WHEN attempts < %(max)s THEN failure ELSE %(failure)s END
            WHERE id = (
                SELECT id FROM outbox_delivery
                WHERE id = %(id)s AND state = 'PENDING' AND (attempts = 0 OR NOT %(redelivered)s)
                FOR UPDATE SKIP LOCKED
            )
            RETURNING state
            """,
            {
                "max": ATTEMPTS_MAX,
                "now": now,
                "failure": NO_ANSWER,
                "id": delivery_id,
                "redelivered": is_redelivered,
            },
        )
        row = cursor.fetchone()
    return bool(row == (DeliveryState.PENDING,))


@entry
def postpone(
    delivery_id: int, failure: BaseException, *, is_counted: bool = False, now: datetime
) -> None:
    """Try again later after a failed attempt, or park after the last one."""
    delays = [BACKOFF.after(failures) for failures in range(ATTEMPTS_MAX - 1)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_delivery SET
                attempts = attempts + %(one)s,
                state = CASE WHEN attempts + %(one)s < %(max)s THEN 'PENDING' ELSE 'PARKED' END,
                parked_at = CASE WHEN attempts + %(one)s < %(max)s THEN NULL ELSE %(now)s END,
                next_attempt_at = CASE WHEN attempts + %(one)s < %(max)s
                    THEN %(now)s + (%(delays)s::interval[])[attempts + %(one)s] ELSE %(now)s END,
                rings = 0,
                failure = %(failure)s
            WHERE id = %(id)s AND state = 'PENDING'
            """,
            {
                "max": ATTEMPTS_MAX,
                "one": 0 if is_counted else 1,
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
