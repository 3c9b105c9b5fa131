"""Threads that wait for each other in the middle of their work: an interleaving, made certain."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from tests.support.workers import until

# A wait for a row has no database of its own; whoever waits holds a table of this one.
_SOMEBODY_WAITS = """
    SELECT EXISTS (
        SELECT FROM pg_locks AS waits JOIN pg_locks AS holds USING (pid)
        JOIN pg_database ON pg_database.oid = holds.database
        WHERE NOT waits.granted AND pg_database.datname = current_database()
    )
"""


def somebody_waits() -> bool:
    """Tell whether another connection of this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(_SOMEBODY_WAITS)
        return bool(cursor.fetchone()[0])


def until_somebody_waits() -> None:
    """Go on when another connection waits for a lock."""
    until(somebody_waits)


def until_set(event: threading.Event) -> None:
    """Go on when somebody else is done, or cannot be: they wait for a lock, perhaps of ours."""
    until(lambda: event.is_set() or somebody_waits())


class Meeting:
    """A point where people wait until all have come, or until whoever is missing waits for a lock.

    Without the guard under test all of them come, whatever the machine is doing; with it the
    others wait behind the first, who goes on alone. Once passed it stays open.
    """

    def __init__(self, people: int) -> None:
        self._missing = people
        self._counting = threading.Lock()

    def come(self) -> None:
        """Wait for the others."""
        with self._counting:
            self._missing -= 1
        until(lambda: self._missing <= 0 or somebody_waits())
        self._missing = 0

    def before(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return some work that begins when all have come to it."""

        def together(*args: Any, **named: Any) -> Any:
            self.come()
            return work(*args, **named)

        return together

    def after(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return some work that nobody leaves before all have done it."""

        def together(*args: Any, **named: Any) -> Any:
            done = work(*args, **named)
            self.come()
            return done

        return together
