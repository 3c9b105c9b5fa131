"""Each promise of the outbox notices when one row breaks it, and only then."""

import pytest
from django.db import connection

from core import reconciling
from core.outbox import figures
from core.outbox.models import Delivery, Message
from core.outbox.recording import record
from tests.support.outbox import deliver_all
from tests.support.rehearsals import Rehearsed

NAMES = [name for name in reconciling.names() if name.startswith("outbox.")]


def _broken():
    return {
        result.name: [finding.subject for finding in result.findings]
        for result in reconciling.run(NAMES)
        if not result.is_held
    }


@pytest.fixture
def one_of_each(now):
    """A settled, a parked and an owed delivery."""
    record(Rehearsed(number=1), Rehearsed(number=2, mood="refused"), now=now)
    deliver_all(now, parked_allowed=True)
    record(Rehearsed(number=3), now=now)
    return list(Delivery.objects.order_by("id"))


@pytest.mark.django_db
def test_all_are_held_at_rest(one_of_each):
    assert len(NAMES) == 3
    assert _broken() == {}


@pytest.mark.django_db
def test_canary_a_message_that_lost_its_delivery_is_reported(one_of_each):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM outbox_delivery WHERE id = %s", (one_of_each[0].pk,))

    message = f"message {one_of_each[0].message_id}"
    assert _broken() == {"outbox.every_message_is_owed_to_somebody": [message]}


@pytest.mark.django_db(transaction=True)
def test_canary_a_receipt_without_its_instant_is_reported(now):
    message = Message.objects.create(topic="tests.rehearsed", body={}, recorded_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE outbox_delivery DROP CONSTRAINT outbox_delivery_done_has_its_instant"
        )
        delivery = Delivery.objects.create(
            message=message, consumer="gone", state="DONE", next_attempt_at=now
        )

        delivery_id = delivery.pk
        broken = _broken()

        delivery.delete()
        cursor.execute(
            "ALTER TABLE outbox_delivery ADD CONSTRAINT outbox_delivery_done_has_its_instant"
            " CHECK ((state = 'DONE') = (done_at IS NOT NULL))"
        )
    assert broken == {"outbox.receipts_match_their_state": [f"delivery {delivery_id}"]}


@pytest.mark.django_db
def test_canary_an_open_delivery_that_nobody_will_answer_is_reported(one_of_each):
    Delivery.objects.filter(pk=one_of_each[2].pk).update(consumer="orders.tomorrow.greet")

    assert _broken() == {"outbox.every_open_delivery_has_a_consumer": ["orders.tomorrow.greet"]}


@pytest.mark.django_db
def test_figures_count_what_is_open(one_of_each, now, queries_of):
    given = []

    assert queries_of(lambda: given.append(figures.open_deliveries(now))) == 1

    assert given == [figures.OutboxFigures(pending=1, oldest_pending_s=0.0, parked=1)]
