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

    def in_vain(self, call: Callable[[], Any]) -> Any:
        """Return what a call gave or was refused with that changed nothing either way."""
        before = rows.everything()
        given = self.tried(call)
        assert rows.everything() == before, f"{given!r}, and yet something has changed"
        return given

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
Line = tuple[str, str, str]


def tour(
    lines: set[Line],
    begin: Callable[[], tuple[Walk, Steps]],
    *,
    lives: int = 20,
    rounds: int = 20,
) -> list[Line]:
    """Go on by a die that always falls alike until all lines were seen; return what is left."""
    die = Random(2026)
    left = set(lines)
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


def lines_of(*machines: Machine) -> set[Line]:
    """Return all that tables allow: subject, state, action."""
    return {
        (machine.subject, str(state), action)
        for machine in machines
        for state, action in machine.transitions
    }


def way_to(machine: Machine, begin: str, state: str, *, but_not: Sequence[str] = ()) -> list[str]:
    """Return the fewest actions that lead to a state from where a life begins."""
    ways: dict[str, list[str]] = {str(begin): []}
    for stands in (queue := [str(begin)]):
        for action in sorted(machine.actions_in(stands)):
            target = str(machine.next_of(stands, action))
            if action not in but_not and target not in ways:
                ways[target] = [*ways[stands], action]
                queue.append(target)
    return ways[str(state)]


def seen() -> set[Line]:
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
