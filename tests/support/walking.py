"""Walking the lives of the market on its real database, while time goes on.

A walk tries its actions in every state beside a plain notebook, which says what must come of each.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from core.audit.actors import Actor
from core.audit.models import StateLog
from core.errors import DomainError
from core.states import Machine
from tests.support import rows

BEGAN = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PACE = {"suppress_health_check": list(HealthCheck)}


class Walk(RuleBasedStateMachine):
    """A walk inside a transaction that is undone, as a test is."""

    def __init__(self) -> None:
        super().__init__()
        self.undoing = rows.undone()
        self.undoing.__enter__()
        self.now = BEGAN

    def teardown(self) -> None:
        self.undoing.__exit__(None, None, None)

    def tried(self, call: Callable[[], Any]) -> Any:
        """Return what a call gave or was refused with; a refusal changed nothing."""
        before = rows.everything()
        try:
            with _block():
                return call()
        except DomainError as raised:
            refusal = raised
        assert rows.everything() == before, f"{refusal!r} changed something"
        return refusal

    def changed(self, call: Callable[[], Any]) -> bool:
        """Return whether a call that refuses nothing changed anything."""
        before = rows.everything()
        with _block():
            call()
        return rows.everything() != before

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR


def walk(life: type[Walk], *, examples: int, steps: int = 25) -> None:
    """Take so many walks of so many steps through a life."""
    pace = settings(max_examples=examples, stateful_step_count=steps, **PACE)
    run_state_machine_as_test(life, settings=pace)


Steps = Sequence[Callable[[Random], Any]]


def tour(
    machines: Sequence[Machine],
    begin: Callable[[], tuple[Walk, Steps]],
    *,
    lives: int = 20,
    rounds: int = 20,
) -> list[tuple[str, str, str]]:
    """Go on by a die that always falls alike until whole tables were seen; return what is left."""
    die = Random(2026)
    left = lines_of(machines)
    for _ in range(lives):
        walked, steps = begin()
        for _ in range(rounds):
            for step in steps:
                step(die)
        left -= seen()
        walked.teardown()
        if not left:
            break
    return sorted(left)


def lines_of(machines: Sequence[Machine]) -> set[tuple[str, str, str]]:
    """Return all that tables allow: subject, state, action."""
    return {
        (machine.subject, str(state), action)
        for machine in machines
        for state, action in machine.transitions
    }


def seen() -> set[tuple[str, str, str]]:
    """Return what has happened so far, in the same words."""
    return set(StateLog.objects.values_list("subject", "from_state", "action"))


def noticed() -> Any:
    """Expect that what is done inside is noticed; several things that go wrong come as a group."""
    return pytest.raises((AssertionError, BaseExceptionGroup))


def steps_of(machine: Machine, key: int) -> list[tuple[str, str, str, datetime]]:
    """Return the life of one thing as the log has it: action, from, to, when."""
    lines = StateLog.objects.filter(subject=machine.subject, subject_id=key).order_by("id")
    return list(lines.values_list("action", "from_state", "to_state", "at"))


def a_step(action: str, source: str, target: str, at: datetime) -> tuple[str, str, str, datetime]:
    """Return a line of the log as a notebook keeps it."""
    return action, str(source), str(target), at


def by(user: Any) -> Actor:
    """Return somebody as who does something."""
    return Actor(user_id=user.pk)


def _block() -> Any:
    block = transaction.atomic()
    # As the test's own transaction: entries may be called inside.
    block._from_testcase = True
    return block
