"""No fen and no gram is lost, whatever is divided (`domain.md` 2.0 and 2.2)."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money, weight

FEN = st.integers(0, 10**13)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(FEN, WEIGHTS)
def test_a_split_loses_nothing_and_is_fair_to_the_fen(total_fen, weights):
    parts = money.allocate(total_fen, weights)

    assert sum(parts) == total_fen
    for part_fen, share in zip(parts, weights, strict=True):
        assert abs(part_fen * sum(weights) - total_fen * share) < sum(weights)


@given(WEIGHTS, st.data())
def test_nobody_gets_more_than_its_weight_of_a_discount(weights, data):
    total_fen = data.draw(st.integers(0, sum(weights)))

    parts = money.allocate(total_fen, weights)

    assert all(part <= share for part, share in zip(parts, weights, strict=True))


def test_three_tens_share_one_ten():
    assert money.allocate(1_000, [1_000, 1_000, 1_000]) == [334, 333, 333]


def test_a_tie_goes_to_the_larger_weight_and_then_to_the_earlier_line():
    assert money.allocate(1, [1, 1]) == [1, 0]
    assert money.allocate(2, [1, 3]) == [0, 2]


@pytest.mark.parametrize(("total_fen", "weights"), [(-1, [1]), (1, [-1]), (1, [0, 0]), (1, [])])
def test_what_cannot_be_split_is_a_bug(total_fen, weights):
    with pytest.raises(ValueError, match="allocate"):
        money.allocate(total_fen, weights)


def test_nothing_can_be_split_over_nothing():
    assert money.allocate(0, [0, 0]) == [0, 0]


@given(FEN, st.integers(1, 10**9))
def test_half_up_is_the_nearest_and_halves_go_up(numerator, denominator):
    rounded = money.half_up(numerator, denominator)

    exact = Fraction(numerator, denominator)
    assert exact - Fraction(1, 2) < rounded <= exact + Fraction(1, 2)


@given(FEN, st.integers(0, 10_000))
def test_a_worst_case_is_never_less_than_the_share(amount_fen, rate_bp):
    share, worst = money.share_bp(amount_fen, rate_bp), money.ceil_bp(amount_fen, rate_bp)

    assert share <= worst <= share + 1
    assert worst * money.BASIS_POINTS >= amount_fen * rate_bp


@given(FEN, st.integers(1, 1_000), st.data())
def test_partial_refunds_add_up_to_the_whole(total_fen, units, data):
    steps = sorted(data.draw(st.sets(st.integers(1, units), max_size=10)) | {0, units})

    parts = [
        money.cumulative(total_fen, units, after) - money.cumulative(total_fen, units, before)
        for before, after in pairwise(steps)
    ]

    assert sum(parts) == total_fen
    assert all(part >= 0 for part in parts)


@given(st.integers(0, 10**12))
def test_kilograms_can_be_read_back_to_the_gram(grams):
    whole, _, rest = weight.kilograms(grams).partition(".")

    assert int(whole) * 1_000 + int(rest.ljust(3, "0")) == grams


@pytest.mark.parametrize(
    ("grams", "text"),
    [(0, "0.000"), (499, "0.000"), (500, "0.001"), (1_234_567_890, "1,234.568")],
)
def test_tonnes_are_rounded_half_up_to_the_kilogram(grams, text):
    assert weight.tonnes(grams) == text
