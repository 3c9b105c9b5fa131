"""Facts are written down with what is owed, or not at all."""

import pytest
import structlog
from django.db import transaction

from core.outbox import doorbell, recording
from core.outbox.events import NotAnEvent, event
from core.outbox.models import Delivery, Message
from core.transactions import TransactionMissing
from tests.support.rehearsals import Rehearsed, Unheard


@pytest.mark.django_db
def test_all_facts_of_a_call_are_one_statement(now, queries_of):
    facts = [Rehearsed(number=number) for number in range(20)]

    assert queries_of(lambda: recording.record(*facts, now=now)) == 1

    messages = Message.objects.order_by("id")
    assert [message.body["number"] for message in messages] == list(range(20))
    deliveries = Delivery.objects.order_by("message_id").values_list("message_id", "consumer")
    applaud = "tests.support.rehearsals.applaud"
    assert list(deliveries) == [(message.pk, applaud) for message in messages]


@pytest.mark.django_db
def test_a_fact_that_nobody_listens_to_is_refused_and_nothing_is_written(now):
    with pytest.raises(recording.NobodyListens, match=r"tests\.unheard"):
        recording.record(Rehearsed(number=1), Unheard(number=1), now=now)

    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_recording_needs_a_transaction(now):
    with pytest.raises(TransactionMissing):
        recording.record(Rehearsed(number=1), now=now)


@pytest.mark.django_db
def test_what_is_not_marked_as_an_event_is_refused(now):
    class Gossip:
        pass

    with pytest.raises(NotAnEvent):
        recording.record(Gossip(), now=now)
    with pytest.raises(NotAnEvent):
        event("tests.gossip")(Gossip)


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_commit_and_names_the_request(now, monkeypatch):
    heard = []
    monkeypatch.setattr(doorbell, "ring", heard.append)
    structlog.contextvars.bind_contextvars(request_id="r-1")

    with transaction.atomic():
        recording.record(Rehearsed(number=1), now=now)
        assert not heard
    structlog.contextvars.clear_contextvars()

    delivery = Delivery.objects.get()
    assert heard == [[doorbell.Ring(delivery.pk, delivery.consumer, "r-1")]]
    assert Message.objects.get().request_id == "r-1"


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_was_never_recorded_and_rings_nobody(now, monkeypatch):
    heard = []
    monkeypatch.setattr(doorbell, "ring", heard.append)

    with transaction.atomic():
        recording.record(Rehearsed(number=1), now=now)
        transaction.set_rollback(True)

    assert not heard
    assert not Delivery.objects.exists()
