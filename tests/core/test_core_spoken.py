"""Text for people: what is misread is noticed, what is typed differently is understood."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import spoken

texts = st.text(spoken.ALPHABET, min_size=1, max_size=spoken.LENGTH_MAX - 1)


@given(texts, st.data())
def test_one_wrong_character_is_always_noticed(body, data):
    text = spoken.with_check(body)
    place = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from(spoken.ALPHABET))
    wrong = text[:place] + character + text[place + 1 :]

    assert spoken.is_checked(text, len(text))
    assert spoken.is_checked(wrong, len(text)) == (wrong == text)


@given(texts)
def test_two_characters_that_changed_places_are_always_noticed(body):
    text = spoken.with_check(body)

    for one, other in combinations(range(len(text)), 2):
        swapped = list(text)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        wrong = "".join(swapped)
        assert spoken.is_checked(wrong, len(text)) == (wrong == text)


@given(st.integers(0, spoken.BASE**15 - 1))
def test_a_number_reads_as_it_was_written(value):
    assert spoken.read(spoken.written(value, 15)) == value


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0h2k-3m4r 5w6x", "0H2K3M4R5W6X"),
        ("ＯＨ２Ｋ", "0H2K"),
        ("oIlZsBgQ", "01125860"),
        (" - ", ""),
        ("😀0H", "0H"),
    ],
)
def test_what_people_type_is_understood(typed, meant):
    assert spoken.meant(typed) == meant


@pytest.mark.parametrize("text", ["", "0H2K", "AAAA", "０００００", "00000 "])
def test_what_has_another_length_or_other_characters_is_no_text_of_ours(text):
    assert not spoken.is_checked(text, 5)
