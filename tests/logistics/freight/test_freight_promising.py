"""When a promise to send falls due: hours that run, and hours that do not count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.freight.domain.promising import Window, ship_deadline

PAID = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours):
    return PAID + hours * HOUR


def held(start, end):
    return Window(at(start), None if end is None else at(end))


@pytest.mark.parametrize(
    ("holds", "due"),
    [
        pytest.param([], 48, id="without a hold"),
        pytest.param([(10, 46)], 84, id="36 hours in between"),
        pytest.param([(-12, 24)], 72, id="only what stands after the clock began"),
        pytest.param([(-40, 0)], 48, id="over when the clock began"),
        pytest.param([(47, 57)], 58, id="set for the last hour"),
        pytest.param([(48, 57)], 48, id="begins when it is due"),
        pytest.param([(10, 20), (15, 30)], 68, id="overlapping ones count once"),
        pytest.param([(10, 40), (15, 20), (10, 40)], 78, id="one inside another, and twice"),
        pytest.param([(10, 20), (20, 30)], 68, id="one after the other"),
        pytest.param([(10, 20), (50, 60)], 68, id="the first brings the second into the way"),
        pytest.param([(30, 10)], 48, id="lifted before it began"),
        pytest.param([(5, None)], None, id="without an end"),
        pytest.param([(48, None)], 48, id="without an end, from when it is due"),
        pytest.param([(10, 20), (50, None)], None, id="without an end, before it is due at last"),
    ],
)
def test_the_clock_stands_still_while_goods_are_held(holds, due):
    found = ship_deadline(PAID, 48, [held(*hold) for hold in holds])

    assert found == (None if due is None else at(due))


hours = st.integers(-30, 60)
windows = st.lists(st.tuples(hours, st.one_of(st.none(), hours)), max_size=6)
promises = st.integers(1, 30)


def ticked(promise, holds):
    """Return the same by walking through every hour; None where it never comes."""
    hour, left = 0, promise
    while left:
        if hour > 200:
            return None
        if not any(start <= hour and (end is None or hour < end) for start, end in holds):
            left -= 1
        hour += 1
    return hour


@given(promises, windows)
def test_it_is_due_after_as_many_hours_outside_all_holds_as_were_promised(promise, holds):
    due = ticked(promise, holds)

    found = ship_deadline(PAID, promise, [held(*hold) for hold in holds])

    assert found == (None if due is None else at(due))


@given(promises, windows, st.randoms(use_true_random=False))
def test_neither_the_order_of_holds_nor_saying_one_twice_makes_a_difference(
    promise, holds, shuffler
):
    shuffled = [*holds, *holds[:2]]
    shuffler.shuffle(shuffled)

    found = ship_deadline(PAID, promise, [held(*hold) for hold in shuffled])

    assert found == ship_deadline(PAID, promise, [held(*hold) for hold in holds])


spans = st.tuples(hours, hours).map(sorted)


@given(promises, windows, spans, st.integers(0, 20))
def test_lifting_a_hold_early_never_makes_anything_due_later(promise, others, span, hours_early):
    known = [held(start, end) for start, end in others if end is not None]
    start, end = span

    without = ship_deadline(PAID, promise, known)
    early = ship_deadline(PAID, promise, [*known, held(start, max(start, end - hours_early))])
    whole = ship_deadline(PAID, promise, [*known, held(start, end)])

    assert without <= early <= whole


@given(promises, spans)
def test_one_hold_takes_what_it_stands_after_the_clock_began_or_nothing(promise, span):
    start, end = span

    moved = ship_deadline(PAID, promise, [held(start, end)]) - at(promise)

    stands = max(0, end - max(start, 0))
    assert moved == (stands * HOUR if start < promise else timedelta())
