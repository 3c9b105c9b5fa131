"""Whatever happens to workers and broker, every effect comes, once, late at worst."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.outbox import doorbell, pulse, sweeping
from core.outbox.models import Delivery
from core.outbox.recording import record
from tests.support import workers
from tests.support.meeting import somebody_waits, until_somebody_waits
from tests.support.rehearsals import CURTAIN, Rehearsed, effects

pytestmark = [pytest.mark.slow, pytest.mark.races, pytest.mark.django_db(transaction=True)]

LATER = timedelta(minutes=5)
FEW = 3


@pytest.fixture
def broker():
    """Redis, emptied; the doorbell has forgotten that it ever failed."""
    doorbell._silence["until"] = 0.0
    client = pulse.client()
    client.flushdb()
    yield client
    client.flushdb()


@pytest.fixture
def start(broker):
    """Start workers that do not outlive the test."""
    groups = []

    def begin(*arguments, **environment):
        groups.append(workers.start(*arguments, **environment))
        return groups[-1]

    yield begin
    for group in groups:
        workers.kill(group)
        group.log.unlink()


def _record(*facts):
    with transaction.atomic():
        record(*facts, now=timezone.now())


def _is_all_done():
    return not Delivery.objects.exclude(state="DONE").exists()


def _hold_curtain():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (CURTAIN,))


def _lift_curtain():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", (CURTAIN,))
    workers.until(lambda: not somebody_waits())


def test_a_worker_group_killed_in_the_middle_of_a_task_makes_it_late_and_nothing_else(
    broker, start
):
    _hold_curtain()
    _record(Rehearsed(number=1, mood="waits"))
    killed = start()
    until_somebody_waits()

    workers.kill(killed)
    _lift_curtain()

    assert broker.hlen("unacked") == 1
    assert effects(1) == 0
    start()
    # The broker keeps the message to itself for its visibility timeout; the sweep does not ask it.
    assert sweeping.sweep(timezone.now() + LATER) == 1
    workers.until(_is_all_done)
    assert effects(1) == 1


def test_emptying_the_broker_between_publishing_and_consuming_loses_nothing(broker, start):
    _record(*(Rehearsed(number=number) for number in range(20)))
    assert broker.llen("orders") == 20

    broker.flushdb()
    start()
    sweeping.sweep(timezone.now() + LATER)

    workers.until(_is_all_done)
    assert [effects(number) for number in range(20)] == [1] * 20


def _doubled(broker, start, **environment):
    _record(*(Rehearsed(number=number) for number in range(20)))
    rings = [doorbell.Ring(one.pk, one.consumer) for one in Delivery.objects.all()]
    doorbell.ring(rings)
    assert broker.llen("orders") == 40

    start(**environment)
    workers.until(_is_all_done)
    workers.until(lambda: not broker.llen("orders") and not broker.hlen("unacked"))
    return {effects(number) for number in range(20)}


def test_every_delivery_sent_twice_has_its_effect_once(broker, start):
    assert _doubled(broker, start) == {1}


def test_canary_without_the_receipt_every_effect_doubles(broker, start):
    assert _doubled(broker, start, UNGUARDED="yes") == {2}


@pytest.fixture
def start_impatient(start):
    """Start workers that give up after a few attempts, because each death takes seconds."""

    def begin(**environment):
        return start(ATTEMPTS_MAX=str(FEW), **environment)

    return begin


def _deaths(group):
    return group.log.read_text(errors="replace").count("exited with 'signal 9 (SIGKILL)'")


@pytest.mark.timeout(180)
def test_a_message_that_ends_its_process_each_time_is_parked_and_blocks_nobody(
    broker, start_impatient
):
    _record(Rehearsed(number=1, mood="deadly"), Rehearsed(number=2))
    deadly = Delivery.objects.order_by("id")[0]
    group = start_impatient()
    # The first telling, and the one time that the broker hands it over again by itself.
    workers.until(lambda: _deaths(group) == 2)

    for turn in range(1, FEW + 1):
        workers.until(lambda: not broker.llen("orders") and not broker.hlen("unacked"))
        sweeping.sweep(timezone.now() + LATER * turn)
        workers.until(lambda seen=turn: _deaths(group) == 2 + seen or _is_parked(deadly))

    assert _is_parked(deadly)
    assert _deaths(group) == 1 + FEW
    assert (effects(1), effects(2)) == (0, 1)
    assert group.poll() is None


@pytest.mark.timeout(180)
def test_canary_without_the_count_a_deadly_message_ends_processes_for_ever(start_impatient):
    _record(Rehearsed(number=1, mood="deadly"))
    group = start_impatient(UNCOUNTED="yes")

    workers.until(lambda: _deaths(group) > 1 + FEW)

    deadly = Delivery.objects.get()
    assert (deadly.state, deadly.attempts) == ("PENDING", 0)


def _is_parked(delivery):
    return Delivery.objects.filter(pk=delivery.pk, state="PARKED").exists()


def test_beat_and_workers_ring_what_nobody_rang_and_show_that_they_live(
    broker, start, monkeypatch, tmp_path
):
    assert pulse.heartbeats() == {pulse.WORKER: None, pulse.BEAT: None}
    monkeypatch.setattr(doorbell, "ring", lambda _: None)
    _record(Rehearsed(number=1))
    Delivery.objects.update(next_attempt_at=timezone.now())

    group = start("--beat", "--schedule", str(tmp_path / "beat"))

    workers.until(_is_all_done)
    alive = workers.until(lambda: all(pulse.heartbeats().values()) and pulse.heartbeats())
    assert effects(1) == 1
    assert min(alive.values()) > timezone.now().timestamp() - 60
    assert group.poll() is None


def _backends():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def test_a_worker_keeps_its_connection_from_task_to_task_until_the_server_hangs_up(broker, start):
    start("--concurrency", "1")
    seen = []
    for number in range(3):
        _record(Rehearsed(number=number))
        workers.until(_is_all_done)
        seen.append(_backends())
        if number == 1:
            _hang_up(seen[-1])

    assert seen[0] & seen[1]
    assert not seen[1] & seen[2]
    assert [effects(number) for number in range(3)] == [1, 1, 1]


def _hang_up(backends):
    with connection.cursor() as cursor:
        for backend in backends:
            cursor.execute("SELECT pg_terminate_backend(%s::int, 5000)", (backend,))
