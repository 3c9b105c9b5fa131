"""Each delivery has its effect once, later at worst, or waits for a person."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from core.errors import Busy
from core.outbox import consuming, deliveries, doorbell, failing, sweeping
from core.outbox.models import Delivery, Message
from core.outbox.recording import record
from core.transactions import TransactionMissing
from tests.support import rehearsals
from tests.support.outbox import deliver_all
from tests.support.rehearsals import Rehearsed, effects


@pytest.fixture
def bell(monkeypatch):
    heard = []
    monkeypatch.setattr(doorbell, "ring", heard.extend)
    return heard


def _owed(now, **fact):
    record(Rehearsed(number=1, **fact), now=now)
    return Delivery.objects.get()


@pytest.mark.django_db
def test_a_delivery_made_twice_has_its_effect_once(now):
    delivery = _owed(now)

    for _ in range(2):
        rehearsals.applaud(delivery_id=delivery.pk)

    assert effects(1) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("DONE", 0)


@pytest.mark.django_db
def test_settling_gives_the_event_in_one_statement_and_then_nothing(now, queries_of):
    delivery = _owed(now, mood="merry")
    given = []

    assert queries_of(lambda: given.append(deliveries.settle(delivery.pk, now=now))) == 1

    assert given == [Rehearsed(number=1, mood="merry")]
    assert deliveries.settle(delivery.pk, now=now) is None
    assert deliveries.settle(delivery.pk + 1, now=now) is None


@pytest.mark.django_db(transaction=True)
def test_settling_needs_a_transaction(now):
    with pytest.raises(TransactionMissing):
        deliveries.settle(1, now=now)


@pytest.mark.django_db
def test_fields_of_a_newer_publisher_are_left_out(now):
    delivery = _owed(now)
    Message.objects.update(body={"number": 1, "mood": "fine", "tempo": "presto"})

    assert deliveries.settle(delivery.pk, now=now) == Rehearsed(number=1)


@pytest.mark.django_db
def test_a_refusal_parks_the_delivery_without_its_effect(now):
    delivery = _owed(now, mood="refused")

    rehearsals.applaud(delivery_id=delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.failure) == ("PARKED", "Unwelcome: UNWELCOME")
    assert effects(1) == 0


@pytest.mark.django_db
def test_a_failure_is_tried_again_later_and_the_last_attempt_parks(now):
    delivery = _owed(now, mood="broken")

    rehearsals.applaud(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("PENDING", 1)
    assert delivery.failure == "RuntimeError: a string snapped"

    ran = deliver_all(now, parked_allowed=True)
    delivery.refresh_from_db()
    assert ran == failing.ATTEMPTS_MAX - 1
    assert (delivery.state, delivery.attempts) == ("PARKED", failing.ATTEMPTS_MAX)
    assert effects(1) == 0


@pytest.mark.django_db
def test_attempts_move_further_apart_up_to_a_quarter_of_an_hour(now):
    delivery = _owed(now)
    waits = []

    for _ in range(failing.ATTEMPTS_MAX - 1):
        failing.postpone(delivery.pk, RuntimeError("no"), now=now)
        delivery.refresh_from_db()
        waits.append((delivery.next_attempt_at - now).total_seconds())

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@pytest.fixture
def leave(monkeypatch):
    """Let the database move to where nobody answers; what is given back brings it home."""

    def move():
        place = connection.settings_dict
        home = place["PORT"]
        connection.close()
        monkeypatch.setitem(place, "PORT", "1")
        return lambda: place.update(PORT=home)

    return move


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_a_database_that_is_away(now, bell, leave):
    with transaction.atomic():
        delivery = _owed(now)
    come_back = leave()

    returning = threading.Timer(0.5, come_back)
    returning.start()
    rehearsals.applaud(delivery_id=delivery.pk)

    returning.join()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("PENDING", 1)
    assert effects(1) == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_no_database_for_ever(now, bell, monkeypatch, leave):
    with transaction.atomic():
        delivery = _owed(now)
    monkeypatch.setattr(consuming, "AWAY_S_MAX", 0.1)
    come_back = leave()

    with pytest.raises(OperationalError):
        rehearsals.applaud(delivery_id=delivery.pk)

    come_back()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("PENDING", 0)


@pytest.mark.django_db
def test_being_busy_is_no_refusal(now, monkeypatch):
    delivery = _owed(now)

    def busy(*_, **__):
        raise Busy

    monkeypatch.setattr(rehearsals, "on_rehearsed", busy)
    rehearsals.applaud(delivery_id=delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("PENDING", 1)


@pytest.mark.django_db
def test_whoever_is_told_again_counts_the_attempt_before_working(now):
    delivery = _owed(now, mood="broken")

    for attempts in range(1, failing.ATTEMPTS_MAX + 1):
        assert delivery.state == "PENDING"
        rehearsals.applaud(delivery_id=delivery.pk, again=True)
        delivery.refresh_from_db()
        assert delivery.attempts == attempts

    assert (delivery.state, delivery.failure) == ("PARKED", "RuntimeError: a string snapped")


@pytest.mark.django_db
def test_what_nobody_survives_is_parked_after_the_last_attempt(now):
    delivery = _owed(now)

    begun = [
        failing.begin(delivery.pk, is_redelivered=False, now=now)
        for _ in range(failing.ATTEMPTS_MAX + 1)
    ]

    assert begun == [True] * failing.ATTEMPTS_MAX + [False]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("PARKED", failing.ATTEMPTS_MAX)
    assert (delivery.failure, delivery.parked_at) == (failing.NO_ANSWER, now)


@pytest.mark.django_db
def test_what_the_broker_hands_over_again_waits_for_the_sweep_the_second_time(now):
    delivery = _owed(now)

    begun = [failing.begin(delivery.pk, is_redelivered=True, now=now) for _ in range(3)]

    assert begun == [True, False, False]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("PENDING", 1)


@pytest.mark.django_db
def test_nobody_begins_what_is_settled(now):
    delivery = _owed(now)
    rehearsals.applaud(delivery_id=delivery.pk)

    assert failing.begin(delivery.pk, is_redelivered=False, now=now) is False

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("DONE", 0)


@pytest.mark.django_db
def test_one_bad_message_blocks_nobody(now):
    record(Rehearsed(number=1, mood="refused"), Rehearsed(number=2), now=now)

    deliver_all(now, parked_allowed=True)

    assert (effects(1), effects(2)) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_parked_delivery_runs_again_when_a_person_says_so(now, bell):
    with transaction.atomic():
        record(Rehearsed(number=1, mood="refused"), now=now)
    delivery = Delivery.objects.get()
    rehearsals.applaud(delivery_id=delivery.pk)
    Message.objects.update(body={"number": 1})
    bell.clear()

    with transaction.atomic():
        assert deliveries.rerun([delivery.pk], now=now) == [delivery.pk]
    with transaction.atomic():
        assert deliveries.rerun([delivery.pk], now=now) == []

    assert bell == [doorbell.Ring(delivery.pk, delivery.consumer)]
    deliver_all(now)
    assert effects(1) == 1


@pytest.mark.django_db
def test_the_sweep_rings_what_is_owed_and_each_time_later(now, bell):
    delivery = _owed(now)
    at = now
    waits = []

    assert sweeping.sweep(now) == 0
    for _ in range(5):
        at = delivery.next_attempt_at
        assert sweeping.sweep(at) == 1
        assert sweeping.sweep(at) == 0
        delivery.refresh_from_db()
        waits.append((delivery.next_attempt_at - at).total_seconds())

    assert waits == [10, 20, 40, 60, 60]
    assert bell == [doorbell.Ring(delivery.pk, delivery.consumer, is_again=True)] * 5
    assert (delivery.state, delivery.attempts) == ("PENDING", 0)


@pytest.mark.django_db
def test_the_sweep_takes_the_oldest_first_and_no_more_than_it_may(now, bell):
    record(*(Rehearsed(number=number) for number in range(5)), now=now)
    ids = list(Delivery.objects.order_by("id").values_list("id", flat=True))
    Delivery.objects.filter(pk=ids[3]).update(next_attempt_at=now - timedelta(hours=1))

    assert sweeping.sweep(now + timedelta(minutes=1), limit=2) == 2

    assert [one.delivery_id for one in bell] == [ids[0], ids[3]]


@pytest.mark.django_db
def test_the_sweep_leaves_consumers_it_does_not_know_to_those_who_do(now, bell):
    _owed(now)
    Delivery.objects.update(consumer="orders.tomorrow.tasks.greet")

    assert sweeping.sweep(now + timedelta(minutes=1)) == 0

    assert Delivery.objects.get().rings == 0


@pytest.mark.django_db
def test_settled_messages_are_deleted_after_their_time_and_owed_ones_never(now):
    record(Rehearsed(number=1), Rehearsed(number=2, mood="refused"), now=now)
    deliver_all(now, parked_allowed=True)
    record(Rehearsed(number=3), now=now)
    week = timedelta(days=7)

    assert sweeping.purge(now + week, keep=week) == 0
    assert sweeping.purge(now + week + timedelta(seconds=1), keep=week, limit=1) == 1
    assert sweeping.purge(now + week + timedelta(seconds=1), keep=week) == 0

    left = Message.objects.order_by("id").values_list("body__number", flat=True)
    assert list(left) == [2, 3]
    assert Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_delivery_told_to_eight_workers_at_once_has_its_effect_once(at_once, now):
    with transaction.atomic():
        record(Rehearsed(number=1), now=now)
    delivery = Delivery.objects.get()

    at_once(*(partial(rehearsals.applaud, delivery_id=delivery.pk) for _ in range(8)))

    assert effects(1) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("DONE", 0)


@pytest.mark.django_db(transaction=True)
def test_canary_without_the_receipt_the_effect_doubles(at_once, now, monkeypatch):
    with transaction.atomic():
        record(Rehearsed(number=1), now=now)
    delivery = Delivery.objects.get()
    monkeypatch.setattr(deliveries, "settle", lambda _, **__: Rehearsed(number=1))

    at_once(*(partial(rehearsals.applaud, delivery_id=delivery.pk) for _ in range(8)))

    assert effects(1) == 8


def test_every_consumer_has_a_queue_that_workers_listen_to(settings):
    names = {queue.name for queue in settings.CELERY_TASK_QUEUES}

    assert {consumer.queue for consumer in consuming.registered().values()} <= names
