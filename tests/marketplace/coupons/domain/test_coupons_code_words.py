from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core import spoken
from marketplace.coupons.domain import codes

SECRET = b"the secret of one batch"
numbers = st.integers(0, 100_000_000)


@given(numbers, st.binary(min_size=16, max_size=64))
def test_a_code_is_what_somebody_types_with_or_without_its_dashes(number, secret):
    code = codes.code_of(secret, number)

    assert len(code) == codes.LENGTH == 16
    assert codes.meant(codes.shown(code)) == codes.meant(code.lower()) == code


def test_a_code_follows_from_its_secret_and_its_number():
    assert codes.code_of(SECRET, 7) == codes.code_of(SECRET, 7)
    assert codes.code_of(SECRET, 7) != codes.code_of(SECRET, 8)
    assert codes.code_of(SECRET, 7) != codes.code_of(b"the secret of another", 7)


def test_a_mistyped_code_is_none():
    code = codes.code_of(SECRET, 1)
    wrong = ("0" if code[3] != "0" else "1").join((code[:3], code[4:]))

    assert codes.meant(wrong) is None
    assert codes.meant(code[:-1]) is None
    assert codes.meant("") is None


def test_codes_in_a_row_say_nothing_about_one_another():
    made = [codes.code_of(SECRET, number) for number in range(5_000)]
    places = [spoken.read(code[:2]) for code in made]
    rising = sum(one < other for one, other in pairwise(places))

    assert len(set(made)) == 5_000
    assert 0.46 < rising / len(made) < 0.54
    assert len(set(places)) > 0.99 * spoken.BASE**2
