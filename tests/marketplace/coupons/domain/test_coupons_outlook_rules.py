"""What speaks against putting a batch to work: pure rules, worked by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.coupons.domain import outlooks
from marketplace.coupons.domain.discounts import CouponTerms, Scope
from marketplace.coupons.domain.outlooks import Cost, Finding, Opening, Reach, Window

START = datetime(2026, 11, 11, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(START, START + 10 * DAY)
TERMS = CouponTerms(
    coupon_reference="b",
    batch_id=1,
    issuer="PLATFORM",
    kind="DIRECT",
    scope=Scope(sections=frozenset({1})),
    funding=(),
    amount_fen=1_000,
)
REACH = Reach(products=3, counting=3, shops=2, counties=1, cheapest_fen=1_000)


def opening(state="OPEN", opens_at=None, closes_at=None):
    return Opening("hall", "馆", "Hall", state, opens_at, closes_at)


def found(terms=TERMS, reach=REACH, openings=(), costs=(), overlaps=0):
    return outlooks.findings_of(
        terms, reach=reach, openings=openings, window=WINDOW, costs=costs, overlaps=overlaps
    )


def test_a_sound_batch_has_nothing_against_it():
    assert found(openings=[opening()]) == []


def test_a_scope_without_goods_stops_it_and_no_scope_does_not():
    nothing = Reach(0, 0, 0, 0, None)

    assert found(reach=nothing) == [Finding.SCOPE_EMPTY]
    assert found(replace(TERMS, scope=Scope()), nothing) == []


@pytest.mark.parametrize(
    ("section", "is_missed"),
    [
        (opening(), False),
        (opening("CLOSED"), True),
        (opening("DRAFT"), False),
        (opening("SCHEDULED", opens_at=WINDOW.end - DAY), False),
        (opening("SCHEDULED", opens_at=WINDOW.end), True),
        (opening(closes_at=WINDOW.start), True),
        (opening(closes_at=WINDOW.start + timedelta(seconds=1)), False),
    ],
)
def test_a_section_is_missed_where_no_instant_is_in_both_windows(section, is_missed):
    assert outlooks.misses(section, WINDOW) is is_missed


def test_one_missed_section_of_two_stops_a_batch():
    assert found(openings=[opening(), opening("CLOSED")]) == [Finding.SECTION_MISSED]


@pytest.mark.parametrize(
    ("changes", "is_above"),
    [
        ({"amount_fen": 1_000}, False),
        ({"amount_fen": 1_001}, True),
        # 30 off 200 is well, though something costs 10: it takes goods for 200.
        ({"kind": "FULL_REDUCTION", "amount_fen": 3_000, "threshold_fen": 20_000}, False),
        ({"kind": "FULL_REDUCTION", "amount_fen": 3_000, "threshold_fen": 2_999}, True),
        ({"kind": "FULL_REDUCTION", "amount_fen": 3_000, "threshold_pieces": 3}, False),
        ({"kind": "FULL_REDUCTION", "amount_fen": 3_001, "threshold_pieces": 3}, True),
        ({"kind": "NEW_USER", "amount_fen": 1_500}, True),
        ({"kind": "FREIGHT", "amount_fen": 9_999}, False),
        (
            {
                "kind": "DISCOUNT",
                "amount_fen": None,
                "discount_bp": 9_000,
                "max_discount_fen": 9_999,
            },
            False,
        ),
    ],
)
def test_a_coupon_is_above_the_price_where_it_takes_more_than_the_least_it_counts_for(
    changes, is_above
):
    terms = replace(TERMS, **changes)

    assert outlooks.is_above_price(terms, 1_000) is is_above
    assert (Finding.FACE_ABOVE_PRICE in found(terms)) is is_above


def test_what_counts_for_everything_is_not_judged_by_the_cheapest_of_all():
    assert found(replace(TERMS, amount_fen=9_999, scope=Scope())) == []


def test_what_does_not_stop_is_told():
    short = Cost("PLATFORM", 101, 100, 1, "r", "n")
    enough = Cost("PLATFORM", 100, 100, 1, "r", "n")
    shops = Cost("SHOP", 10**9, None, None, None, "")

    assert found(costs=[enough, shops]) == []
    assert found(
        reach=replace(REACH, counting=0), openings=[opening("DRAFT")], costs=[short], overlaps=1
    ) == [
        Finding.SECTION_NOT_SCHEDULED,
        Finding.NO_SHOP_AGREED,
        Finding.BUDGET_SHORT,
        Finding.OVERLAPS,
    ]


def test_coupons_can_be_used_from_the_later_start_until_the_earlier_end():
    def window(**changes):
        facts = {
            "claim_from": START,
            "claim_until": START + 3 * DAY,
            "use_from": None,
            "use_until": None,
            "days_after_claim": 2,
        }
        return outlooks.use_window(**facts | changes)

    assert window() == Window(START, START + 5 * DAY)
    assert window(use_from=START + DAY).start == START + DAY
    assert window(use_from=START - DAY).start == START
    assert window(use_until=START + 4 * DAY).end == START + 4 * DAY
    assert window(use_until=START + 9 * DAY, days_after_claim=None).end == START + 9 * DAY


def test_a_sample_takes_the_fewest_pieces_for_which_the_coupon_counts():
    terms = replace(TERMS, kind="FULL_REDUCTION", amount_fen=3_000, threshold_fen=20_000)
    facts = {"product_id": 1, "product_reference": "p", "title": "橙"}

    # 11 x 19.90 = 218.90, less 30.00.
    many = outlooks.sample_of(terms, price_fen=1_990, **facts)
    one = outlooks.sample_of(terms, price_fen=20_000, **facts)
    percent = outlooks.sample_of(
        replace(TERMS, kind="DISCOUNT", amount_fen=None, discount_bp=1_500, max_discount_fen=400),
        price_fen=1_990,
        **facts,
    )
    freight = outlooks.sample_of(replace(TERMS, kind="FREIGHT"), price_fen=1_990, **facts)

    assert (many.pieces, many.sale_fen, many.discount_fen, many.paid_fen) == (
        11,
        21_890,
        3_000,
        18_890,
    )
    assert (one.pieces, one.paid_fen) == (1, 17_000)
    # 15 % of 19.90 is 2.985, half up 2.99.
    assert percent.discount_fen == 299
    assert freight.discount_fen == 0
