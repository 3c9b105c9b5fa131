"""What the tiers of a full reduction take off, and what a draft of one may not promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.coupons.domain.discounts import Discount, Inapplicable, PricedLine, Reason
from marketplace.reductions.domain import drafts, tiers
from marketplace.reductions.domain.drafts import Draft
from marketplace.reductions.domain.states import state_at
from marketplace.reductions.domain.tiers import ReductionTerms, Tier

NOON = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def line(key, sale_fen, quantity=1, **facts):
    number = sum(map(ord, key))
    return PricedLine(
        **{
            "key": key,
            "shop_id": 1,
            "sku_id": number,
            "product_id": number,
            "category_path": (),
            "origin_codes": (),
            "section_ids": (),
            "programmes": (),
            "amount_fen": sale_fen,
            "sale_fen": sale_fen,
            "quantity": quantity,
        }
        | facts
    )


TERMS = ReductionTerms(
    reduction_id=1,
    reference="r",
    shop_id=1,
    tiers=(
        Tier(1_000, threshold_fen=10_000),
        Tier(2_500, threshold_fen=20_000),
        Tier(1_500, threshold_pieces=3),
    ),
)


@pytest.mark.parametrize(
    ("lines", "off_fen"),
    [
        ([line("A", 10_000)], 1_000),
        ([line("A", 19_999)], 1_000),
        ([line("A", 20_000)], 2_500),
        # Three pieces for little take more off than what they cost reaches; nothing adds up.
        ([line("A", 10_000, 3)], 1_500),
        ([line("A", 20_000, 3)], 2_500),
        ([line("A", 6_000), line("B", 4_000)], 1_000),
    ],
)
def test_of_the_tiers_that_are_reached_the_largest_counts_alone(lines, off_fen):
    found = tiers.discount_of(TERMS, lines)

    assert isinstance(found, Discount)
    assert (found.total_fen, found.by_funder) == (off_fen, {"SHOP": off_fen})


def test_it_never_takes_more_than_the_goods_cost():
    found = tiers.discount_of(TERMS, [line("A", 900, 3)])

    assert found.total_fen == 900


def test_below_the_first_tier_it_says_what_is_missing():
    found = tiers.discount_of(replace(TERMS, tiers=TERMS.tiers[:2]), [line("A", 9_300)])

    assert found == Inapplicable(Reason.BELOW_THRESHOLD, short_fen=700)


def test_it_counts_for_its_own_shop_and_its_own_goods():
    other = replace(TERMS, product_ids=frozenset({ord("B")}))

    lines = [line("A", 50_000), line("B", 10_000), line("C", 50_000, shop_id=2)]

    assert set(tiers.discount_of(TERMS, lines).by_line) == {"A", "B"}
    assert set(tiers.discount_of(other, lines).by_line) == {"B"}
    assert tiers.discount_of(other, lines[2:]) == Inapplicable(Reason.OUT_OF_SCOPE)


def test_goods_at_an_activity_price_are_left_out_of_threshold_and_discount_alike():
    lines = [line("A", 9_000), line("B", 9_000, is_on_activity_price=True)]

    assert isinstance(tiers.discount_of(TERMS, lines), Inapplicable)
    allowing = tiers.discount_of(replace(TERMS, allow_on_activity_price=True), lines)
    assert {key: part.amount_fen for key, part in allowing.by_line.items()} == {"A": 500, "B": 500}


def draft(**changes):
    facts = {
        "name": "满减",
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "tiers": (Tier(1_000, threshold_fen=10_000), Tier(2_500, threshold_fen=20_000)),
    }
    return Draft(**facts | changes)


def test_a_plain_draft_breaks_no_rule():
    assert drafts.wrongs_of(draft(), NOON) == []
    assert drafts.wrongs_of(draft(tiers=TERMS.tiers), NOON) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"ends_at": NOON}, "/ends_at", "WINDOW_NOT_FORWARD"),
        (
            {"starts_at": NOON - 2 * HOUR, "ends_at": NOON - HOUR},
            "/ends_at",
            "WINDOW_OVER",
        ),
        ({"tiers": ()}, "/tiers", "TIERS_REQUIRED"),
        ({"tiers": (Tier(5),)}, "/tiers/0/threshold_fen", "THRESHOLD_REQUIRED"),
        ({"tiers": (Tier(5, 10, 10),)}, "/tiers/0/threshold_pieces", "THRESHOLD_TWICE"),
        ({"tiers": (Tier(10, 10),)}, "/tiers/0/amount_fen", "TAKES_TOO_MUCH"),
        ({"tiers": (Tier(5, 20), Tier(5, 10))}, "/tiers/0/amount_fen", "TIERS_NOT_RISING"),
        ({"tiers": (Tier(5, 20), Tier(6, 20))}, "/tiers/1/amount_fen", "TIERS_NOT_RISING"),
        (
            {"tiers": (Tier(5, None, 2), Tier(4, None, 3))},
            "/tiers/1/amount_fen",
            "TIERS_NOT_RISING",
        ),
    ],
)
def test_a_draft_that_breaks_a_rule_says_which(changes, pointer, code):
    (wrong,) = drafts.wrongs_of(draft(**changes), NOON)

    assert (wrong.pointer, wrong.code) == (pointer, code)
    assert set(map(type, drafts.SENTENCES[code])) == {str}


@pytest.mark.parametrize(
    ("stored", "at", "expected"),
    [
        ("SCHEDULED", NOON - HOUR, "SCHEDULED"),
        ("SCHEDULED", NOON, "RUNNING"),
        ("RUNNING", NOON + HOUR, "ENDED"),
        ("SCHEDULED", NOON + 2 * HOUR, "ENDED"),
        ("ENDED", NOON, "ENDED"),
    ],
)
def test_where_it_stands_is_judged_by_the_clock(stored, at, expected):
    assert state_at(stored, NOON, NOON + HOUR, at) == expected
