"""A database that is away is said as such, so that clients ask again instead of giving up."""

import contextlib

import psycopg
import pytest
from django.db import OperationalError, connection, connections

from core.http import problems
from core.http.refusals import Unavailable


def _failure(cause):
    failure = OperationalError(str(cause))
    failure.__cause__ = cause
    return failure


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.CannotConnectNow("the database system is starting up"),
        psycopg.errors.TooManyConnections("sorry, too many clients already"),
        psycopg.OperationalError("the connection is closed"),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_a_lost_connection_asks_the_client_to_come_again(cause):
    refusal = problems.refusal_of(_failure(cause))

    assert isinstance(refusal, Unavailable)
    assert problems.headers_of(refusal) == {"Retry-After": "1"}


@pytest.mark.parametrize(
    "cause",
    [psycopg.errors.DiskFull("no space"), psycopg.errors.QueryCanceled("statement timeout")],
    ids=lambda cause: type(cause).__name__,
)
def test_every_other_failure_of_the_database_stays_a_fault(cause):
    assert problems.refusal_of(_failure(cause)) is None


def _drop_our_connection():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    another = connections.create_connection("default")
    with another.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s::int, 5000)", (backend,))
    another.close()


@pytest.mark.django_db(transaction=True)
def test_a_call_whose_connection_dies_is_a_503_and_the_next_one_is_well(client):
    connection.close()
    _drop_our_connection()

    answer = client.get("/api/v1/sections")

    connection.close()
    assert (answer.status_code, answer.json()["code"]) == (503, Unavailable.code)
    assert answer.headers["Retry-After"] == "1"
    assert client.get("/api/v1/sections").status_code == 200


@pytest.mark.parametrize(
    ("failure", "status"),
    [(_failure(psycopg.errors.AdminShutdown("gone")), 503), (RuntimeError("a bug"), 500)],
    ids=["away", "bug"],
)
def test_what_the_framework_never_saw_is_told_apart_as_well(rf, failure, status):
    answers = []

    def answer(*_):
        # Django asks for the last answer while the failure is being handled.
        answers.append(problems.on_server_fault(rf.get("/api/v1/me")))
        return True

    with contextlib.ExitStack() as stack:
        stack.push(answer)
        raise failure

    assert [answer.status_code for answer in answers] == [status]
