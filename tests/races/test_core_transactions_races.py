"""An entry is whole or not at all: deadlocks are repeated, long waits are refused."""

import threading
from itertools import count

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core import transactions
from core.errors import Busy, DomainError
from core.transactions import TransactionMissing, entry, needs_transaction, refusing
from tests.support.meeting import Meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]

FIRST, SECOND = 740_101, 740_102


class Taken(DomainError):
    """It is taken."""

    code = "TAKEN"
    zh = "已被占用。"


def lock(number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (number,))


@pytest.fixture
def crossing(at_once):
    """Two entries that take the same two locks in opposite order, each holding one already."""

    def run():
        both_hold_one = Meeting(2)
        tries = count()

        def take(own, other):
            def work():
                next(tries)
                lock(own)
                both_hold_one.come()
                lock(other)
                return "done"

            return entry(work)

        return at_once(take(FIRST, SECOND), take(SECOND, FIRST)), next(tries)

    return run


def test_a_deadlock_is_repeated_and_both_get_through(crossing):
    outcomes, tries = crossing()

    assert outcomes == ["done", "done"]
    assert tries == 3


def test_without_repeating_one_of_them_would_fail(crossing, monkeypatch):
    """The canary."""
    monkeypatch.setattr(transactions, "TRIES_MAX", 1)

    outcomes, _ = crossing()

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Busy", "str"]


def test_whoever_waits_too_long_for_a_lock_is_told_to_come_back(at_once, monkeypatch):
    monkeypatch.setattr(transactions, "LOCK_TIMEOUT_MS", 50)
    holds, may_go = threading.Event(), threading.Event()

    def holder():
        with transaction.atomic():
            lock(FIRST)
            holds.set()
            assert may_go.wait(timeout=20)
        return "held"

    def waiter():
        assert holds.wait(timeout=20)
        try:
            return entry(lambda: lock(FIRST))()
        finally:
            may_go.set()

    outcomes = at_once(holder, waiter)

    assert outcomes[0] == "held"
    assert isinstance(outcomes[1], Busy)
    assert outcomes[1].retry_after_s == 1


def test_another_fault_of_the_database_is_not_repeated():
    tries = []

    def work():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError):
        entry(work)()

    connection.close()
    assert len(tries) == 1


def test_an_entry_is_never_inside_another():
    with transaction.atomic(), pytest.raises(RuntimeError):
        entry(lambda: None)()


def test_a_building_block_refuses_to_stand_alone():
    block = needs_transaction(lambda: "built")

    with pytest.raises(TransactionMissing):
        block()
    with transaction.atomic():
        assert block() == "built"


def test_a_named_constraint_becomes_its_refusal_and_any_other_stays_a_bug(django_user_model):
    person = django_user_model.objects.create()

    def twice():
        django_user_model.objects.create(reference=person.reference)

    with transaction.atomic(), pytest.raises(IntegrityError), refusing({"no_such": Taken}):
        twice()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
            " AND contype = 'u' AND conname LIKE %s",
            [django_user_model._meta.db_table, "%reference%"],
        )
        ((name,),) = cursor.fetchall()
    with pytest.raises(Taken), transaction.atomic(), refusing({name: Taken}):
        twice()
