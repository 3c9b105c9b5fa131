import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.placement.domain import numbers

KEY = b"a key of this market"
serials = st.integers(0, numbers.CAPACITY - 1)


@given(serials, st.binary(min_size=1, max_size=64))
def test_a_number_leads_back_to_its_order(serial, key):
    number = numbers.number_of(serial, key)

    assert numbers.is_number(number)
    assert numbers.serial_of(number, key) == serial


def test_ten_thousand_orders_in_a_row_have_ten_thousand_numbers():
    made = {numbers.number_of(serial, KEY) for serial in range(10_000)}

    assert len(made) == 10_000


@given(serials, serials)
def test_two_orders_never_share_a_number(one, other):
    same = numbers.number_of(one, KEY) == numbers.number_of(other, KEY)

    assert same == (one == other)


@given(serials, st.integers(0, numbers.BODY_LENGTH), st.sampled_from(numbers.ALPHABET))
def test_one_wrong_character_is_always_noticed(serial, place, character):
    number = numbers.number_of(serial, KEY)
    wrong = number[:place] + character + number[place + 1 :]

    assert numbers.is_number(wrong) == (wrong == number)


@given(serials)
def test_two_characters_that_changed_places_are_always_noticed(serial):
    number = numbers.number_of(serial, KEY)

    for one, other in combinations(range(len(number)), 2):
        swapped = list(number)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        wrong = "".join(swapped)
        assert numbers.is_number(wrong) == (wrong == number)


def test_numbers_in_a_row_say_nothing_about_how_many_there_are():
    made = [numbers.number_of(serial, KEY) for serial in range(2_000)]
    positions = [
        numbers.ALPHABET.index(number[0]) * numbers.BASE + numbers.ALPHABET.index(number[1])
        for number in made
    ]
    rising = sum(first < second for first, second in pairwise(positions))

    # A row that rises as often as it falls, spread over every beginning there is.
    assert 900 < rising < 1_100
    assert len(set(positions)) > 0.99 * numbers.BASE**2


def test_another_key_makes_other_numbers():
    pairs = [
        (numbers.number_of(serial, KEY), numbers.number_of(serial, b"another key"))
        for serial in range(200)
    ]

    assert sum(one == other for one, other in pairs) <= 1


def test_a_number_holds_nothing_that_sounds_or_looks_like_something_else():
    assert not set("IOLZSBEDTPCGVFNAU") & set(numbers.ALPHABET)
    assert len(numbers.number_of(0, KEY)) == 11


@pytest.mark.parametrize("serial", [-1, numbers.CAPACITY])
def test_beyond_the_last_number_there_is_none(serial):
    with pytest.raises(ValueError, match="no order number"):
        numbers.number_of(serial, KEY)


@pytest.mark.parametrize("text", ["", "0", "O" * 11, "0" * 10 + "1", "0" * 12])
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(ValueError, match="not an order number"):
        numbers.serial_of(text, KEY)


def test_parts_of_an_order_count_from_one():
    number = numbers.number_of(random.Random(1).randrange(numbers.CAPACITY), KEY)

    assert [numbers.part_of(number, place) for place in (1, 2)] == [f"{number}-1", f"{number}-2"]
