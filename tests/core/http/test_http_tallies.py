"""Counts that may be lost, and never stand in anybody's way."""

from uuid import uuid4

import pytest
import redis

from core.http import tallies


@pytest.fixture
def name():
    return f"tests.{uuid4()}"


def test_what_was_counted_is_taken_once(name):
    for what in ("late", "late", "sold out"):
        tallies.add(name, what)

    assert tallies.take(name) == {"late": 2, "sold out": 1}
    assert tallies.take(name) == {}


def test_without_redis_nothing_is_counted_and_nobody_is_stopped(name, monkeypatch, capsys):
    counter = tallies._Tallies()
    counter.client = redis.Redis(unix_socket_path="/nowhere/valkey.sock")
    counter.script = counter.client.register_script("return 1")
    monkeypatch.setattr(tallies, "_tallies", lambda: counter)

    tallies.add(name, "late")
    assert "tallies_are_away" in capsys.readouterr().out
    assert tallies.take(name) == {}
