"""However long the other queues are, what the clock sends is heard before it is stale."""

import pytest
from celery import current_app
from kombu import Consumer, Queue

from core.outbox import pulse
from core.outbox.turns import CLOCK

NAMES = (CLOCK, "orders", "logistics", "catalogue")


@pytest.fixture
def full_queues():
    """Six messages in each of four queues."""
    client = pulse.client()
    client.delete(*NAMES)
    with current_app.connection_for_write() as connection, connection.Producer() as producer:
        for name in NAMES:
            for _ in range(6):
                producer.publish("x", routing_key=name, exchange="")
    yield
    client.delete(*NAMES, "unacked", "unacked_index")


def _taken(count, **options):
    """Return from which queues a worker takes its next messages."""
    taken = []
    with current_app.connection_for_read() as connection:
        connection.transport_options = {**connection.transport_options, **options}
        with connection.channel() as channel:

            def take(_, message):
                taken.append(message.delivery_info["routing_key"])
                message.ack()

            with Consumer(channel, [Queue(name) for name in NAMES], callbacks=[take]):
                while len(taken) < count:
                    connection.drain_events(timeout=5)
    return taken


def test_every_second_turn_is_the_clocks_and_the_others_follow_in_turn(full_queues):
    taken = _taken(12)

    assert [name == CLOCK for name in taken] == [True, False] * 6
    others = [name for name in taken if name != CLOCK]
    assert sorted(others[:3]) == sorted(others[3:]) == sorted(set(NAMES) - {CLOCK})


def test_where_the_clock_is_silent_the_others_take_turns(full_queues):
    pulse.client().delete(CLOCK)

    taken = _taken(9)

    assert {name: taken.count(name) for name in set(taken)} == dict.fromkeys(NAMES[1:], 3)


def test_canary_equal_turns_leave_the_clock_one_in_four(full_queues):
    taken = _taken(12, queue_order_strategy="round_robin")

    assert taken.count(CLOCK) == 3
