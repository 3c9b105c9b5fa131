"""The same idempotency key twice at once: one works, its twin is told to ask again."""

import threading
from itertools import count
from unittest.mock import PropertyMock

import pytest
from django.test import Client

from core.audit.models import StateLog
from core.http import idempotency
from tests.support.interface import Deeds

pytestmark = [
    pytest.mark.urls("tests.support.interface"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.races,
]


def do():
    return Client().post(
        "/api/v1/deeds",
        {"number": 1},
        content_type="application/json",
        headers={"Idempotency-Key": "twin", "Person": "5"},
    )


def deeds():
    return StateLog.objects.filter(subject="deed").count()


@pytest.fixture
def first_is_at_work(monkeypatch):
    """Hold whoever works first inside the work until the test lets go."""
    inside, let_go = threading.Event(), threading.Event()
    workers = count()

    def wait():
        if next(workers) == 0:
            inside.set()
            assert let_go.wait(timeout=20)

    monkeypatch.setattr(Deeds, "inside", staticmethod(wait))
    return inside, let_go


def twins(at_once, inside, let_go):
    def second():
        assert inside.wait(timeout=20)
        try:
            return do()
        finally:
            let_go.set()

    return at_once(do, second)


def test_a_twin_in_flight_is_told_to_ask_again(at_once, first_is_at_work):
    first, second = twins(at_once, *first_is_at_work)

    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["code"] == "REQUEST_IN_FLIGHT"
    assert second["Retry-After"] == "1"
    assert deeds() == 1
    assert do().content == first.content


def test_eight_twins_at_the_same_instant_do_it_once(at_once):
    answers = at_once(*[do] * 8)

    by_status = {answer.status_code for answer in answers}
    assert by_status <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert deeds() == 1


def test_without_the_lock_the_unique_key_is_the_net(at_once, first_is_at_work, monkeypatch):
    numbers = count()
    monkeypatch.setattr(idempotency._Asked, "lock", PropertyMock(side_effect=lambda: next(numbers)))

    outcomes = twins(at_once, *first_is_at_work)

    assert sorted(answer.status_code for answer in outcomes) == [201, 409]
    assert deeds() == 1


def test_without_either_guard_the_deed_is_done_twice(at_once, first_is_at_work, monkeypatch):
    """The canary."""
    numbers = count()
    monkeypatch.setattr(idempotency._Asked, "lock", PropertyMock(side_effect=lambda: next(numbers)))
    monkeypatch.setattr(idempotency, "_keep", lambda *_: None)

    twins(at_once, *first_is_at_work)

    assert deeds() == 2
