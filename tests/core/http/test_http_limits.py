"""Turns are counted exactly, told on every answer, and given back by time."""

import threading
from uuid import uuid4

import pytest
import redis

from core.http import limits, refusals
from core.http.limits import Limit, spend_limit

pytestmark = pytest.mark.urls("tests.support.interface")


@pytest.fixture(autouse=True)
def _ungenerous(settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 1


@pytest.fixture
def key():
    return uuid4().hex


def test_turns_run_out_one_by_one(key):
    limit = Limit("tests", 3, per_s=3_600)

    left = [spend_limit(limit, key).left for _ in range(3)]

    assert left == [2, 1, 0]
    with pytest.raises(refusals.TooMany) as refused:
        spend_limit(limit, key)
    assert 1_190 <= refused.value.facts["retry_after_s"] <= 1_200


def test_each_key_has_turns_of_its_own(key):
    limit = Limit("tests", 1, per_s=3_600)
    spend_limit(limit, key)

    assert spend_limit(limit, key + "x").left == 0


def test_the_factor_multiplies_every_limit(key, settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 5

    assert spend_limit(Limit("tests", 2, per_s=60), key).left == 9


def test_a_turn_comes_back_with_time(key):
    limit = Limit("tests", 1, per_s=1)
    spend_limit(limit, key)
    counter = limits._counter().client
    (name,) = counter.scan_iter(f"limit:tests:*:{key}")
    # Time passes: the instant at which the credit is whole moves into the past.
    counter.set(name, int(counter.get(name)) - 1_000_000)

    assert spend_limit(limit, key).left == 0


@pytest.mark.django_db
def test_a_crowd_never_gets_more_turns_than_there_are(key, at_once):
    limit = Limit("tests", 5, per_s=3_600)

    outcomes = at_once(*(lambda: spend_limit(limit, key) for _ in range(12)))

    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(limits.Standing), kinds.count(refusals.TooMany)) == (5, 7)


@pytest.mark.django_db
def test_a_script_that_reads_and_writes_apart_would_give_too_many(key, at_once, monkeypatch):
    """The canary: without the one script the crowd gets more turns than there are."""
    both_have_read = threading.Barrier(12)

    def read_then_write(self, key, interval_us, burst):
        used = int(self.client.get(key) or 0)
        both_have_read.wait(timeout=10)
        self.client.set(key, used + 1, ex=60)
        return [int(used < burst), 0, 1, 1]

    monkeypatch.setattr(limits._Counter, "ask", read_then_write)

    outcomes = at_once(
        *(lambda: spend_limit(Limit("tests", 5, per_s=3_600), key) for _ in range(12))
    )

    assert sum(isinstance(outcome, limits.Standing) for outcome in outcomes) > 5


def test_every_answer_tells_how_the_caller_stands(client):
    answer = client.get("/api/v1/tagged", headers={"Person": str(uuid4().int % 10**9)})

    assert answer["RateLimit"].startswith('"default";r=599;t=')
    assert answer["RateLimit-Policy"] == '"default";q=600;w=60'


def test_a_view_may_have_a_limit_of_its_own(client):
    person = {"Person": str(uuid4().int % 10**9)}
    statuses = [client.get("/api/v1/rare", headers=person).status_code for _ in range(2)]

    answer = client.get("/api/v1/rare", headers=person)

    assert statuses == [200, 200]
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert 1 <= int(answer["Retry-After"]) <= 30
    assert answer["RateLimit"].startswith('"tests-rare";r=0;t=')


def test_the_market_stays_open_when_redis_is_down(client, monkeypatch, capsys):
    def fail(*_, **__):
        raise redis.ConnectionError

    counter = limits._Counter()
    counter.script = fail
    monkeypatch.setattr(limits, "_counter", lambda: counter)

    answer = client.get("/api/v1/rare")

    assert answer.status_code == 200
    assert "RateLimit" not in answer
    assert "limits_are_open" in capsys.readouterr().out
