"""What people read: yuan, percent, kilograms and clocks in China, never what we count in."""

from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.console import figures
from core.console.figures import Part
from core.console.words import sentence
from core.errors import DomainError
from shops.storefronts.domain.states import ShopState


@pytest.mark.parametrize(
    ("fen", "read"),
    [
        (0, "¥0.00"),
        (7, "¥0.07"),
        (1_234_567, "¥12,345.67"),
        (-5, "-¥0.05"),
        (10**13, "¥100,000,000,000.00"),
    ],
)
def test_fen_are_read_as_yuan(fen, read):
    assert figures.yuan(fen) == read


@given(st.integers(-(10**14), 10**14))
def test_no_fen_is_lost_in_yuan(fen):
    read = figures.yuan(fen).replace("¥", "").replace(",", "").replace(".", "")

    assert int(read) == fen


@pytest.mark.parametrize(
    ("rate_bp", "read"),
    [(0, "0 %"), (1_500, "15 %"), (1_550, "15.5 %"), (10_000, "100 %"), (1, "0.01 %")],
)
def test_basis_points_are_read_as_percent(rate_bp, read):
    assert figures.percent(rate_bp) == read


@given(st.integers(0, 10**9))
def test_no_gram_is_lost_in_kilograms(grams):
    whole, _, rest = figures.kilograms(grams).removesuffix(" kg").partition(".")

    assert int(whole) * 1_000 + int((rest or "0").ljust(3, "0")) == grams


def test_an_instant_is_read_as_a_clock_in_china_shows_it():
    noon = datetime(2026, 11, 11, 4, 0, 5, tzinfo=UTC)

    assert figures.local_time(noon) == "2026-11-11 12:00"
    assert figures.local_second(noon) == "2026-11-11 12:00:05"
    assert figures.local_time(None) == "—"


def test_a_window_leaves_its_open_side_out():
    noon, later = (datetime(2026, 11, 11, hour, tzinfo=UTC) for hour in (4, 5))

    with translation.override("en"):
        assert figures.window(noon, later) == "2026-11-11 12:00 – 2026-11-11 13:00"
        assert figures.window(None, later) == "until 2026-11-11 13:00"
        assert figures.window(noon, None) == "from 2026-11-11 12:00"
        assert figures.window(None, None) == "—"


def test_codes_are_read_in_the_language_of_the_page():
    with translation.override("zh-hans"):
        assert figures.label(ShopState, "OPEN") == "营业中"
    with translation.override("en"):
        assert figures.label(ShopState, "OPEN") == "Open"
    assert figures.label(ShopState, "NEW") == "NEW"


@given(st.lists(st.integers(0, 1_000), max_size=4), st.integers(0, 1_000))
def test_a_bar_never_draws_more_than_there_is(amounts, more):
    whole = sum(amounts) + more
    drawn = figures.bar([Part(amount, "green", "") for amount in amounts], whole)

    widths = [int(piece.split('"')[0]) for piece in drawn.split(' width="')[2:]]
    assert sum(widths) <= 1_000
    assert all(width >= 0 for width in widths)


def test_a_bar_of_what_was_overdrawn_stays_inside():
    drawn = figures.bar([Part(30, "green", "a"), Part(5, "red", "b")], 10)

    assert 'x="0" width="1000"' in drawn
    assert 'x="1000" width="0"' in drawn


def test_what_people_wrote_never_becomes_markup():
    assert "<b>" not in figures.table(["<b>"], [["<b>"]])
    assert "<b>" not in figures.bar([Part(1, "green", "<b>")], 1)
    assert "<b>" not in figures.lines("<b>")


class Unripe(DomainError):
    """It is not ripe yet.

    More about it.
    """

    code = "UNRIPE_IN_THE_CONSOLE"
    zh = "还没有熟。"


def test_a_refusal_is_one_sentence_in_the_language_of_the_page():
    missing = [{"label": {"en": "Hand it in.", "zh-Hans": "请提交。"}}, "skus"]

    with translation.override("en"):
        said = sentence(Unripe(missing=missing))
        assert said == "It is not ripe yet. Hand it in. skus [UNRIPE_IN_THE_CONSOLE]"
    with translation.override("zh-hans"):
        assert sentence(Unripe(missing=missing)).startswith("还没有熟。 请提交。")
