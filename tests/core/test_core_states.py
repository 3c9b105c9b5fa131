"""What is not written in a machine cannot happen; windows are half-open."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core import periods
from core.errors import IllegalTransition
from core.states import Machine

LIFE = Machine(
    "orchard",
    {
        ("BARE", "plant"): "PLANTED",
        ("PLANTED", "fell"): "BARE",
        ("BEARING", "fell"): "BARE",
        ("PLANTED", "wait"): "BEARING",
    },
)


def test_an_action_leads_from_each_state_that_knows_it():
    assert LIFE.moves_of("fell") == {"PLANTED": "BARE", "BEARING": "BARE"}


def test_an_action_that_nobody_knows_is_illegal():
    with pytest.raises(IllegalTransition) as refused:
        LIFE.moves_of("paint")

    assert refused.value.facts == {"subject": "orchard", "action": "paint"}


def test_a_state_tells_what_can_be_done_in_it():
    assert LIFE.actions_in("PLANTED") == ["fell", "wait"]
    assert LIFE.actions_in("SOLD") == []
    assert (LIFE.next_of("BARE", "plant"), LIFE.next_of("BARE", "wait")) == ("PLANTED", None)


def test_nobody_adds_to_a_life_afterwards():
    with pytest.raises(TypeError):
        LIFE.transitions["BARE", "paint"] = "GREEN"  # type: ignore[index]


def test_a_window_holds_its_first_instant_and_not_its_last(now):
    end = now + timedelta(hours=1)

    assert periods.holds(now, end, now)
    assert periods.holds(now, end, end - timedelta(microseconds=1))
    assert not periods.holds(now, end, end)
    assert not periods.holds(end, None, now)
    assert periods.holds(None, None, now)


def test_a_day_begins_at_midnight_in_china():
    assert periods.local_day(datetime(2026, 11, 10, 16, 0, tzinfo=UTC)) == date(2026, 11, 11)
    assert periods.local_day(datetime(2026, 11, 10, 15, 59, tzinfo=UTC)) == date(2026, 11, 10)
