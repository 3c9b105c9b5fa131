"""Tasks name themselves in logs, and show that they live."""

import pytest
import structlog

from core.outbox import pulse, signals
from tests.support import rehearsals


@pytest.fixture
def hearts(monkeypatch):
    """Whose heart was heard."""
    heard = []
    monkeypatch.setattr(pulse, "beat_heart", heard.append)
    return heard


def test_a_task_carries_the_request_that_caused_it_and_leaves_nothing_behind(monkeypatch, hearts):
    seen = {}

    def look(**_):
        seen.update(structlog.contextvars.get_contextvars())

    monkeypatch.setattr(rehearsals, "on_rehearsed", look)

    rehearsals.applaud.apply(
        kwargs={"delivery_id": 1}, task_id="t-1", headers={"request_id": "r-1"}
    )

    assert seen == {
        "task": "tests.support.rehearsals.applaud",
        "task_id": "t-1",
        "request_id": "r-1",
    }
    assert structlog.contextvars.get_contextvars() == {}
    assert hearts == [pulse.WORKER]


def test_only_the_proof_shows_that_beat_lives(hearts):
    signals.signals.after_task_publish.send(sender="core.outbox.tasks.sweep")
    assert hearts == []

    signals.signals.after_task_publish.send(sender=signals.PROOF)
    assert hearts == [pulse.BEAT]


def test_a_heart_is_written_at_most_once_a_second(monkeypatch):
    client = pulse.client()
    client.delete(pulse.WORKER)
    monkeypatch.setattr(pulse, "_written", {})

    pulse.beat_heart(pulse.WORKER)
    first = pulse.heartbeats()[pulse.WORKER]
    pulse.beat_heart(pulse.WORKER)

    assert first is not None
    assert pulse.heartbeats()[pulse.WORKER] == first
