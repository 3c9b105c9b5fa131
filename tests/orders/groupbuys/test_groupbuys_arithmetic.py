"""The arithmetic of teams, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.groupbuys.domain import arithmetic
from orders.groupbuys.domain.arithmetic import Leadership, Seats

TEN = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seats", "free", "is_full", "is_deserted"),
    [
        (Seats(3), 3, False, True),
        (Seats(3, locked=1), 2, False, False),
        (Seats(3, locked=1, paid=2), 0, False, False),
        (Seats(3, paid=3), 0, True, False),
        (Seats(3, paid=2, virtual=1), 0, True, False),
    ],
)
def test_seats_know_how_they_are_taken(seats, free, is_full, is_deserted):
    assert (seats.free, seats.is_full, seats.is_deserted) == (free, is_full, is_deserted)


@pytest.mark.parametrize(
    ("paid", "is_enough"), [(0, False), (1, False), (2, True), (3, True), (4, True)]
)
def test_four_seats_and_forty_percent_succeed_with_two(paid, is_enough):
    """The example of `domain.md` 2.3."""
    assert arithmetic.is_enough(Seats(4, paid=paid), "RATIO", 4_000) is is_enough


@pytest.mark.parametrize("paid", [1, 2, 3])
def test_without_the_shops_word_only_a_full_team_succeeds(paid):
    assert not arithmetic.is_enough(Seats(4, paid=paid), "NONE", 0)


def test_the_ratio_itself_is_enough():
    assert arithmetic.is_enough(Seats(5, paid=2), "RATIO", 4_000)
    assert not arithmetic.is_enough(Seats(5, paid=2), "RATIO", 4_001)


def test_nobody_at_all_is_never_enough():
    assert not arithmetic.is_enough(Seats(4), "RATIO", 1)


def test_whoever_is_still_to_pay_keeps_a_team_open():
    assert not arithmetic.is_enough(Seats(4, locked=1, paid=3), "RATIO", 1)


@given(
    size=st.integers(2, 100),
    taken=st.integers(1, 100),
    ratio_bp=st.integers(1, 10_000),
)
def test_a_larger_share_of_a_team_is_never_worse(size, taken, ratio_bp):
    paid = min(taken, size)
    if arithmetic.is_enough(Seats(size, paid=paid), "RATIO", ratio_bp):
        assert paid * 10_000 >= ratio_bp * size
        assert arithmetic.is_enough(Seats(size, paid=min(paid + 1, size)), "RATIO", ratio_bp)


def test_whoever_paid_first_leads():
    late, early = Leadership(1, 10, TEN), Leadership(2, 20, TEN - timedelta(seconds=1))

    assert arithmetic.next_leader([late, early]) == early
    assert arithmetic.next_leader([Leadership(4, 1, TEN), Leadership(3, 2, TEN)]).member_id == 3
    assert arithmetic.next_leader([]) is None


def test_a_payment_counts_up_to_the_deadline_and_not_at_it():
    assert arithmetic.counts(TEN - timedelta(microseconds=1), TEN)
    assert not arithmetic.counts(TEN, TEN)


def test_the_price_is_kept_until_the_last_team_is_decided():
    kept_until = arithmetic.closes_at(TEN, team_hours=24, unpaid_minutes=15)

    # Ordered in the last instant, paid in the last minute, joined in the last instant of the team.
    assert kept_until > TEN + timedelta(minutes=15) + timedelta(hours=24)
