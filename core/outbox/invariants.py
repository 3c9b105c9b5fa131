"""What is always true of messages and deliveries."""

from collections.abc import Iterable

from django.db import connection

from core.outbox import consuming, events
from core.reconciling import Finding, found, invariant


@invariant("outbox.every_message_is_owed_to_somebody")
def messages_without_delivery() -> Iterable[Finding]:
    """Find facts that nobody was ever told."""
    return found(
        """
        SELECT message.id, message.topic FROM outbox_message AS message
        WHERE NOT EXISTS (
            SELECT 1 FROM outbox_delivery AS delivery WHERE delivery.message_id = message.id
        )
        """,
        subject="message {id}",
        detail="{topic} has no delivery",
    )


@invariant("outbox.receipts_match_their_state")
def deliveries_at_odds_with_their_stamps() -> Iterable[Finding]:
    """Find deliveries whose state and instants tell different stories."""
    return found(
        """
        SELECT id, consumer, state FROM outbox_delivery
        WHERE (state = 'DONE') <> (done_at IS NOT NULL)
            OR (state = 'PARKED') <> (parked_at IS NOT NULL)
            OR state NOT IN ('PENDING', 'DONE', 'PARKED')
        """,
        subject="delivery {id}",
        detail="{consumer} is {state} and its instants say otherwise",
    )


@invariant("outbox.every_open_delivery_has_a_consumer")
def deliveries_nobody_answers() -> Iterable[Finding]:
    """Find open deliveries of consumers, or of topics, that the program no longer has."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT delivery.consumer, message.topic, count(*)
            FROM outbox_delivery AS delivery
            JOIN outbox_message AS message ON message.id = delivery.message_id
            WHERE delivery.state <> 'DONE'
            GROUP BY delivery.consumer, message.topic
            """
        )
        rows = cursor.fetchall()
    known = consuming.registered()
    for consumer, topic, count in rows:
        if consumer not in known:
            yield Finding(consumer, f"{count} open deliveries of a consumer that does not exist")
        elif not events.is_known(topic):
            yield Finding(topic, f"{count} open deliveries of an event that does not exist")
