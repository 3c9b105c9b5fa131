from datetime import timedelta

import pytest

from core import pacing
from core.pacing import Backoff


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only when somebody works or sleeps."""

    class Clock:
        now = 0.0
        rested = 0.0

        def monotonic(self):
            return self.now

        def sleep(self, seconds):
            self.now += seconds
            self.rested += seconds

    clock = Clock()
    monkeypatch.setattr(pacing, "time", clock)
    return clock


def sets(clock, *sizes, each_s=0.5):
    left = list(sizes)

    def step():
        clock.now += each_s
        return left.pop(0)

    return step


def test_it_ends_with_the_first_set_that_is_not_full(clock):
    assert pacing.work_off(sets(clock, 3, 3, 1), at_once=3) == 7


def test_it_rests_twice_as_long_as_it_worked(clock):
    pacing.work_off(sets(clock, 3, 3, 0, each_s=0.5), at_once=3)

    assert clock.rested == 2.0
    assert clock.now == 3.5


def test_it_leaves_the_rest_when_its_turn_is_over(clock):
    assert pacing.work_off(sets(clock, *[3] * 99), at_once=3, turn_s=4) == 9
    assert clock.now <= 4


def test_a_set_longer_than_the_turn_is_done_once(clock):
    assert pacing.work_off(sets(clock, 3, 3, each_s=9), at_once=3, turn_s=4) == 3


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 5), (1, 10), (3, 40), (9, 2_560), (10, 3_600), (30_000, 3_600)]
)
def test_waits_double_up_to_the_longest(failures, seconds):
    backoff = Backoff(first=timedelta(seconds=5), longest=timedelta(hours=1))

    assert backoff.after(failures) == timedelta(seconds=seconds)
