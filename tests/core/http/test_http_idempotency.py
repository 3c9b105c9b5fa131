"""The same request sent twice works once and hears the same answer twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.audit.models import StateLog
from core.http import idempotency
from core.http.models import Answer
from tests.support.interface import Deeds

pytestmark = [pytest.mark.urls("tests.support.interface"), pytest.mark.django_db]


@pytest.fixture
def do(client):
    def post(number=1, key="k-1", person="5", path="/api/v1/deeds", **headers):
        if key is not None:
            headers["Idempotency-Key"] = key
        if person:
            headers["Person"] = person
        body = {"number": number}
        return client.post(path, body, content_type="application/json", headers=headers)

    return post


def deeds():
    return StateLog.objects.filter(subject="deed").count()


def test_a_repeat_hears_the_same_bytes_and_works_no_more(do):
    first, second = do(), do()

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first["Content-Type"] == second["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert deeds() == 1


@pytest.mark.parametrize("key", [None, "", "x" * 256, "a\tb", "键"])
def test_a_key_is_required_and_printable(do, key):
    answer = do(key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert deeds() == 0


def test_the_longest_key_is_a_key(do):
    assert do(key="x" * 255).status_code == 201


def test_another_body_under_the_same_key_is_a_mismatch(do):
    do(number=1)

    answer = do(number=2)

    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")
    assert deeds() == 1


def test_another_address_under_the_same_key_is_a_mismatch(do):
    do()

    assert do(path="/api/v1/leisurely-deeds").status_code == 422
    assert do(path="/api/v1/deeds?x=1").status_code == 422


def test_acting_for_somebody_else_is_another_request(do):
    do()

    assert do(**{"Acting-For": "somebody"}).status_code == 422


def test_the_spelling_of_a_body_does_not_matter(client):
    def post(body):
        return client.post(
            "/api/v1/deeds",
            body,
            content_type="application/json",
            headers={"Idempotency-Key": "k", "Person": "5"},
        )

    assert post('{"number": 1, "x": 2}').content == post('{"x":2,"number":1}').content
    assert deeds() == 1


def test_each_person_has_keys_of_their_own(do):
    do(person="5")
    do(person="6")
    do(person=None)

    assert deeds() == 3


def test_a_refusal_is_not_kept_and_leaves_nothing_behind(do):
    answers = [do(number=-1), do(number=-1)]

    assert [answer.json()["code"] for answer in answers] == ["UNRIPE", "UNRIPE"]
    assert "Idempotent-Replayed" not in answers[1]
    assert (deeds(), Answer.objects.count()) == (0, 0)


def test_a_bug_leaves_nothing_behind(do, monkeypatch, client):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setattr(Deeds, "inside", staticmethod(fail))
    client.raise_request_exception = False

    assert do().status_code == 500
    assert (deeds(), Answer.objects.count()) == (0, 0)


def test_where_a_key_is_optional_it_works_without_and_with(do):
    plain = [do(path="/api/v1/leisurely-deeds", key=None) for _ in range(2)]
    keyed = [do(path="/api/v1/leisurely-deeds") for _ in range(2)]
    bad = do(path="/api/v1/leisurely-deeds", key="a\tb")

    assert [answer.status_code for answer in plain + keyed] == [200] * 4
    assert Answer.objects.count() == 1
    assert "Idempotent-Replayed" in keyed[1]
    assert bad.status_code == 400


def test_the_gate_costs_two_statements(do, queries_of):
    """One that locks, looks and sets the timeout; one that keeps the answer. The rest is work."""
    work = 2

    assert queries_of(do) == work + 2
    assert queries_of(do) == 1


def test_old_answers_are_forgotten_a_few_at_a_time(do):
    for place in range(5):
        do(key=f"k-{place}", number=place)
    now = timezone.now()
    Answer.objects.filter(key__in=["k-0", "k-1", "k-2"]).update(
        created_at=now - timedelta(hours=24, seconds=1)
    )

    forgotten = [idempotency.forget_old_answers(now=now, limit=2) for _ in range(3)]

    assert forgotten == [2, 1, 0]
    assert Answer.objects.count() == 2
