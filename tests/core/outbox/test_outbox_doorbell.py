"""A broker that is gone, mute or full delays nobody and fails nobody."""

import socket

import pytest
from celery import current_app
from django.db import transaction

from core.outbox import doorbell
from core.outbox.models import Delivery
from core.outbox.recording import record
from tests.support.rehearsals import Rehearsed

APPLAUD = "tests.support.rehearsals.applaud"


@pytest.fixture
def broker_at(monkeypatch):
    """Point the doorbell at an address, as if the process had just started."""

    def point(url):
        doorbell._forget_connection()
        monkeypatch.setitem(doorbell._silence, "until", 0.0)
        # Only the one for writing: where it is not set, reading it gives the other.
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)

    yield point
    doorbell._forget_connection()


@pytest.fixture
def tries(monkeypatch):
    """What the doorbell tries to send, and a silence that no slow machine outlasts."""
    tried, send = [], doorbell._send

    def trying(one):
        tried.append(one)
        return send(one)

    monkeypatch.setattr(doorbell, "_send", trying)
    monkeypatch.setattr(doorbell, "SILENT_AFTER_FAILURE_S", 600.0)
    return tried


@pytest.fixture
def mute():
    """A server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def gone():
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", ["gone", "mute"])
def test_recording_does_not_fail_and_tries_once_when_the_broker_is(
    trouble, broker_at, tries, now, request
):
    broker_at(request.getfixturevalue(trouble))

    with transaction.atomic():
        record(*(Rehearsed(number=number) for number in range(20)), now=now)

    assert len(tries) == 1
    assert Delivery.objects.filter(state="PENDING").count() == 20


def test_after_a_failure_nobody_tries_for_a_moment(broker_at, tries, mute):
    broker_at(mute)
    ring = [doorbell.Ring(1, APPLAUD)]

    for _ in range(100):
        assert doorbell.ring(ring) == 0

    assert len(tries) == 1


def test_it_is_heard_again_once_the_broker_is_back(broker_at, gone, settings, monkeypatch):
    ring = [doorbell.Ring(1, APPLAUD)]
    broker_at(gone)
    assert doorbell.ring(ring) == 0

    broker_at(settings.CELERY_BROKER_URL)

    assert doorbell.ring(ring) == 1


def test_an_unknown_consumer_is_passed_over(broker_at, settings):
    broker_at(settings.CELERY_BROKER_URL)

    sent = doorbell.ring([doorbell.Ring(1, "orders.tomorrow.greet"), doorbell.Ring(2, APPLAUD)])

    assert sent == 1
