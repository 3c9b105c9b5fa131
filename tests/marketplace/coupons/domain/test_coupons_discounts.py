"""Worked example A of domain 2.2 and the rules around it, to the fen."""

from dataclasses import replace

import pytest

from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import (
    CouponTerms,
    Discount,
    Funding,
    Inapplicable,
    PricedLine,
    Reason,
    Scope,
)

SHOP_A, SHOP_B, FRUIT, TEA = 1, 2, 10, 20


def line(key, sale_fen, quantity, *, shop=SHOP_A, category=FRUIT, sku=None, **facts):
    return PricedLine(
        key=key,
        shop_id=shop,
        sku_id=sku if sku is not None else sum(map(ord, key)),
        product_id=sku or 1,
        category_path=(1, category),
        origin_codes=("420527", "420500", "420000"),
        section_ids=(7,),
        programmes=("832",),
        sale_fen=sale_fen,
        quantity=quantity,
        **{"amount_fen": sale_fen, **facts},
    )


def basket():
    return [
        line("A1", 5970, 3, sku=1),
        line("A2", 2580, 1, sku=2),
        line("B1", 13600, 2, shop=SHOP_B, sku=3),
        line("B2", 999, 1, shop=SHOP_B, category=TEA, sku=4),
    ]


def shop_coupon(**changes):
    terms = CouponTerms(
        coupon_reference="shop",
        batch_id=1,
        issuer="SHOP",
        issuer_shop_id=SHOP_A,
        kind="FULL_REDUCTION",
        threshold_fen=8000,
        amount_fen=1000,
        scope=Scope(),
        funding=(Funding("SHOP", 10_000),),
    )
    return replace(terms, **changes)


def platform_coupon(**changes):
    terms = CouponTerms(
        coupon_reference="platform",
        batch_id=2,
        issuer="PLATFORM",
        kind="FULL_REDUCTION",
        threshold_fen=20_000,
        amount_fen=3000,
        scope=Scope(categories=frozenset({FRUIT})),
        funding=(Funding("PLATFORM", 7000, 1, "budget"), Funding("SHOP", 3000)),
        accepted_shop_ids=frozenset({SHOP_A, SHOP_B}),
    )
    return replace(terms, **changes)


def after(lines, discount):
    taken = {key: part.amount_fen for key, part in discount.by_line.items()}
    return [replace(one, amount_fen=one.amount_fen - taken.get(one.key, 0)) for one in lines]


def test_worked_example_a_comes_out_to_the_fen():
    lines = basket()

    first = discounts.discount_of(shop_coupon(), lines)
    left = after(lines, first)
    second = discounts.discount_of(platform_coupon(), left)
    paid = after(left, second)

    assert {key: part.amount_fen for key, part in first.by_line.items()} == {"A1": 698, "A2": 302}
    assert first.by_funder == {"SHOP": 1000}
    assert [one.amount_fen for one in left] == [5272, 2278, 13600, 999]
    assert {key: part.amount_fen for key, part in second.by_line.items()} == {
        "A1": 748,
        "A2": 323,
        "B1": 1929,
    }
    assert second.by_line["A1"].by_funder == {"PLATFORM": 524, "SHOP": 224}
    assert second.by_line["A2"].by_funder == {"PLATFORM": 226, "SHOP": 97}
    assert second.by_line["B1"].by_funder == {"PLATFORM": 1350, "SHOP": 579}
    assert second.by_funder == {"PLATFORM": 2100, "SHOP": 900}
    assert [one.amount_fen for one in paid] == [4524, 1955, 11671, 999]


def test_three_equal_lines_share_ten_yuan_without_losing_a_fen():
    lines = [line(f"L{n}", 1000, 1, sku=n) for n in (1, 2, 3)]

    found = discounts.discount_of(platform_coupon(threshold_fen=3000, amount_fen=1000), lines)

    assert [found.by_line[f"L{n}"].amount_fen for n in (1, 2, 3)] == [334, 333, 333]


@pytest.mark.parametrize(("cap_fen", "expected_fen"), [(2000, 2000), (9999, 3323)])
def test_a_percentage_is_rounded_half_up_and_capped(cap_fen, expected_fen):
    terms = platform_coupon(
        kind="DISCOUNT",
        threshold_fen=None,
        amount_fen=None,
        discount_bp=1500,
        max_discount_fen=cap_fen,
    )

    found = discounts.discount_of(terms, basket())

    assert found.total_fen == expected_fen


def test_the_threshold_looks_at_prices_before_any_coupon():
    terms = platform_coupon(threshold_fen=22_150)

    found = discounts.discount_of(terms, [replace(one, amount_fen=1) for one in basket()])

    assert isinstance(found, Discount)


def test_one_fen_below_the_threshold_takes_nothing_and_says_how_much_is_missing():
    found = discounts.discount_of(platform_coupon(threshold_fen=22_151), basket())

    assert found == Inapplicable(Reason.BELOW_THRESHOLD, short_fen=1)


def test_a_threshold_in_pieces_counts_pieces_of_goods_in_scope():
    enough = platform_coupon(threshold_fen=None, threshold_pieces=6)
    missing = platform_coupon(threshold_fen=None, threshold_pieces=8)

    assert discounts.discount_of(enough, basket()).total_fen == 3000
    assert discounts.discount_of(missing, basket()) == Inapplicable(
        Reason.BELOW_THRESHOLD, short_pieces=2
    )


def test_a_direct_coupon_never_takes_more_than_the_goods_cost():
    terms = platform_coupon(kind="DIRECT", threshold_fen=None, amount_fen=3000)

    found = discounts.discount_of(terms, [line("A1", 1200, 1)])

    assert (found.total_fen, found.by_funder) == (1200, {"PLATFORM": 840, "SHOP": 360})


def test_goods_that_cost_nothing_any_more_take_no_discount():
    found = discounts.discount_of(
        platform_coupon(kind="DIRECT", threshold_fen=None), [line("A1", 1200, 1, amount_fen=0)]
    )

    assert found == Inapplicable(Reason.NOTHING_LEFT)


def freight_coupon(**changes):
    facts = {"kind": "FREIGHT", "threshold_fen": None, "amount_fen": 1000, "scope": Scope()}
    return platform_coupon(**facts | changes)


SENT = {"A1": 1216, "A2": 384, "B1": 800, "B2": 0}


def test_a_freight_coupon_is_shared_over_the_freight_and_its_funders():
    found = discounts.freight_discount_of(freight_coupon(), basket(), SENT)

    assert {key: part.amount_fen for key, part in found.by_line.items()} == {
        "A1": 507,
        "A2": 160,
        "B1": 333,
    }
    assert found.by_funder == {"PLATFORM": 700, "SHOP": 300}


@pytest.mark.parametrize(
    ("changes", "total_fen"),
    [
        ({"amount_fen": 9000}, 2400),
        ({"amount_fen": 9000, "scope": Scope(shops=frozenset({SHOP_A}))}, 1600),
        ({"amount_fen": 9000, "accepted_shop_ids": frozenset({SHOP_B})}, 800),
        ({"threshold_fen": 23_149}, 1000),
    ],
)
def test_it_takes_no_more_than_the_freight_of_the_goods_it_counts_for(changes, total_fen):
    found = discounts.freight_discount_of(freight_coupon(**changes), basket(), SENT)

    assert found.total_fen == total_fen


def test_its_threshold_is_one_of_goods():
    asking = freight_coupon(threshold_fen=23_150)

    assert discounts.freight_discount_of(asking, basket(), SENT) == Inapplicable(
        Reason.BELOW_THRESHOLD, short_fen=1
    )
    assert discounts.refusal_of(asking, basket()) == Inapplicable(
        Reason.BELOW_THRESHOLD, short_fen=1
    )


def test_where_nothing_is_charged_nothing_is_taken():
    found = discounts.freight_discount_of(freight_coupon(), basket(), {})

    assert found == Inapplicable(Reason.NOTHING_LEFT)


def test_a_line_of_a_shop_that_did_not_accept_is_out_of_scope():
    terms = platform_coupon(accepted_shop_ids=frozenset({SHOP_B}), threshold_fen=1)

    assert discounts.eligible(terms, basket()) == [2]


def test_without_a_shop_part_no_shop_needs_to_accept():
    terms = platform_coupon(
        funding=(Funding("PLATFORM", 10_000, 1, "b"),), accepted_shop_ids=frozenset()
    )

    assert discounts.eligible(terms, basket()) == [0, 1, 2]


def test_a_shop_coupon_counts_for_goods_of_its_own_shop_only():
    assert discounts.eligible(shop_coupon(issuer_shop_id=SHOP_B), basket()) == [2, 3]


@pytest.mark.parametrize(
    ("scope", "is_in"),
    [
        (Scope(), True),
        (Scope(sections=frozenset({7, 8})), True),
        (Scope(sections=frozenset({8})), False),
        (Scope(regions=frozenset({"420000"})), True),
        (Scope(regions=frozenset({"420528"})), False),
        (Scope(programmes=frozenset({"832"})), True),
        (Scope(programmes=frozenset({"poor-county"})), False),
        (Scope(categories=frozenset({1})), True),
        (Scope(categories=frozenset({TEA})), False),
        (Scope(products=frozenset({5})), True),
        (Scope(products=frozenset({6})), False),
        (Scope(shops=frozenset({SHOP_A})), True),
        (Scope(shops=frozenset({SHOP_B})), False),
        (Scope(sections=frozenset({7}), categories=frozenset({TEA})), False),
    ],
)
def test_every_dimension_that_is_named_must_match(scope, is_in):
    terms = platform_coupon(scope=scope)

    assert discounts.eligible(terms, [line("A1", 5970, 3, sku=5)]) == ([0] if is_in else [])


def test_goods_at_an_activity_price_are_left_out_unless_the_batch_allows_them():
    lines = [line("A1", 5970, 3, is_on_activity_price=True)]

    assert discounts.eligible(platform_coupon(), lines) == []
    assert discounts.eligible(platform_coupon(allow_on_activity_price=True), lines) == [0]


def test_funding_is_split_on_the_total_first():
    # Line by line, half up would give the platform 4 x 4 = 16 of 20 fen instead of 14.
    totals, rows = discounts.split_funding(
        20, [5, 5, 5, 5], (Funding("PLATFORM", 7000, 1), Funding("SHOP", 3000))
    )

    assert totals == {"PLATFORM": 14, "SHOP": 6}
    assert [sum(row.values()) for row in rows] == [5, 5, 5, 5]


def test_three_funders_each_hold_their_ceiling():
    funding = (Funding("PLATFORM", 3333, 1), Funding("GOVERNMENT", 3333, 2), Funding("SHOP", 3334))

    assert [discounts.reservation_fen(1000, part.bp) for part in funding] == [334, 334, 334]
    assert discounts.split_total(1000, funding) == {
        "PLATFORM": 333,
        "GOVERNMENT": 333,
        "SHOP": 334,
    }


def test_a_coupon_of_thirty_yuan_funded_seventy_percent_holds_twenty_one():
    assert discounts.reservation_fen(3000, 7000) == 2100
