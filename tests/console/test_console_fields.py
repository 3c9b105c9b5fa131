"""What people type comes back exactly, or is refused; it is never quietly something else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.console import fields
from core.console.places import RegionsField

MOST = 10**13
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")


def refused(field, typed):
    with pytest.raises(ValidationError) as refusal:
        field.clean(typed)
    return refusal.value.error_list[0].code


@given(st.integers(1, MOST))
def test_yuan_come_back_exactly(fen):
    field = fields.YuanField()

    assert field.clean(field.prepare_value(fen)) == fen


@given(st.integers(1, MOST))
def test_yuan_may_be_typed_with_commas_signs_and_full_width(fen):
    field = fields.YuanField()
    typed = f"¥{fen // 100:,}.{fen % 100:02d}"

    assert field.clean(typed) == fen
    assert field.clean(typed.replace("¥", "￥").replace(",", "，")) == fen
    assert field.clean(field.prepare_value(fen).translate(FULL_WIDTH)) == fen


@given(st.integers(1, 10_000))
def test_percent_come_back_exactly(rate_bp):
    field = fields.PercentField()

    assert field.clean(field.prepare_value(rate_bp)) == rate_bp


@given(st.integers(1, 10**9))
def test_kilograms_come_back_exactly(grams):
    field = fields.KilogramField()

    assert field.clean(field.prepare_value(grams)) == grams


@given(st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30)))  # noqa: DTZ001
def test_wall_time_in_china_comes_back_exactly(wall):
    field = fields.LocalTimeField()
    instant = wall.replace(microsecond=0, tzinfo=UTC)

    assert field.clean(field.prepare_value(instant)) == instant


@given(st.text(max_size=12))
def test_nothing_that_is_typed_breaks_a_field(typed):
    for field in (fields.YuanField(required=False), fields.LocalTimeField(required=False)):
        try:
            read = field.clean(typed)
        except ValidationError:
            continue
        assert read is None or isinstance(read, (int, datetime))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12.345", "too_fine"),
        ("-1", "negative"),
        ("0", "zero"),
        ("0.00", "zero"),
        ("1e5", "not_a_number"),
        ("1_000", "not_a_number"),
        ("12,5", "not_a_number"),
        ("1,00", "not_a_number"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("twelve", "not_a_number"),
        ("1 2", "not_a_number"),
        ("99999999999999", "out_of_range"),
        ("9" * 400, "out_of_range"),
        ("", "required"),
    ],
)
def test_what_is_no_amount_is_refused(typed, code):
    assert refused(fields.YuanField(), typed) == code


def test_amounts_may_carry_their_unit():
    assert fields.YuanField().clean(" 12.5 元") == 1_250
    assert fields.PercentField().clean("15.5%") == 1_550
    assert fields.KilogramField().clean("2.5 kg") == 2_500
    assert fields.YuanField(allow_zero=True).clean("0") == 0


def test_a_share_is_never_more_than_the_whole():
    assert fields.PercentField().clean("100") == 10_000
    assert refused(fields.PercentField(), "100.01") == "out_of_range"


def test_wall_time_is_china_time_whatever_the_spelling():
    field = fields.LocalTimeField()
    noon = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)

    for typed in (
        "2026-11-11T12:00",
        "2026-11-11 12:00:00",
        "2026/11/11 12:00",
        "２０２６-11-11 12:00",
    ):
        assert field.clean(typed) == noon
    assert field.clean("2026-11-11T12:00:07") == noon + timedelta(seconds=7)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-11",
        "2026-02-30T00:00",
        "2026-11-11T24:00",
        "2026-11-11T12:00+00:00",
        "noon",
        "0001-01-01T00:00",
    ],
)
def test_what_is_no_wall_time_is_refused(typed):
    assert refused(fields.LocalTimeField(), typed) == "not_a_time"


def test_words_are_read_once_each_whatever_stands_between():
    field = fields.ListField(most=3)

    assert field.clean("a, b；c\na、b") == ("a", "b", "c")
    assert field.clean("") == ()
    assert refused(field, "a b c d") == "out_of_range"


def test_a_line_has_no_control_characters():
    assert fields.LineField(max_length=20).clean("秭归\x07 \t 脐橙\u202e") == "秭归 脐橙"


@pytest.mark.django_db
def test_places_are_read_by_code_or_by_a_name_that_only_one_bears():
    field = RegionsField()

    assert field.clean("420527，湖北省 神农架") == ("420527", "420000", "429021")
    for typed in ("999999", "亚特兰蒂斯", "朝阳区"):
        with pytest.raises(ValidationError):
            field.clean(typed)
