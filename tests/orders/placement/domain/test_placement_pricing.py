from collections import Counter
from dataclasses import replace

import pytest

from marketplace.coupons.domain.discounts import CouponTerms, Funding, PricedLine, Scope
from marketplace.coupons.domain.kinds import CouponKind, Funder, Issuer
from marketplace.reductions.domain.tiers import ReductionTerms, Tier
from orders.placement.domain import pricing
from orders.placement.domain.pricing import ShopFreight

SHOP_A, SHOP_B = 1, 2
FRUIT, EXCLUDED = 10, 99


def a_line(key, shop_id, sale_fen, *, quantity=1, category=FRUIT):
    return PricedLine(
        key=key,
        shop_id=shop_id,
        sku_id=int(key[1:]) + shop_id * 100,
        product_id=int(key[1:]) + shop_id * 100,
        category_path=(category,),
        origin_codes=("420527", "420500", "420000"),
        section_ids=(),
        programmes=(),
        amount_fen=sale_fen,
        sale_fen=sale_fen,
        quantity=quantity,
    )


LINES = (
    a_line("A1", SHOP_A, 5_970, quantity=3),
    a_line("A2", SHOP_A, 2_580),
    a_line("B1", SHOP_B, 13_600, quantity=2),
    a_line("B2", SHOP_B, 999, category=EXCLUDED),
)
SHOP_COUPON = CouponTerms(
    coupon_reference="shop coupon",
    batch_id=1,
    issuer=Issuer.SHOP,
    issuer_shop_id=SHOP_A,
    kind=CouponKind.FULL_REDUCTION,
    threshold_fen=8_000,
    amount_fen=1_000,
    scope=Scope(),
    funding=(Funding(Funder.SHOP, 10_000),),
    accepted_shop_ids=frozenset({SHOP_A}),
)
PLATFORM_COUPON = CouponTerms(
    coupon_reference="platform coupon",
    batch_id=2,
    issuer=Issuer.PLATFORM,
    kind=CouponKind.FULL_REDUCTION,
    threshold_fen=20_000,
    amount_fen=3_000,
    scope=Scope(categories=frozenset({FRUIT})),
    funding=(
        Funding(Funder.PLATFORM, 7_000, budget_id=1, budget_reference="budget"),
        Funding(Funder.SHOP, 3_000),
    ),
    accepted_shop_ids=frozenset({SHOP_A, SHOP_B}),
)


REDUCTION = ReductionTerms(
    reduction_id=1,
    reference="reduction",
    shop_id=SHOP_A,
    tiers=(Tier(500, threshold_fen=5_000), Tier(1_200, threshold_fen=8_000)),
)
FREIGHT_COUPON = replace(
    PLATFORM_COUPON,
    coupon_reference="freight coupon",
    batch_id=3,
    kind=CouponKind.FREIGHT,
    threshold_fen=None,
    amount_fen=1_000,
    scope=Scope(),
)
SENT = {
    SHOP_A: ShopFreight(1_600, {"A1": 1_216, "A2": 384}),
    SHOP_B: ShopFreight(800, {"B1": 800, "B2": 0}),
}


def free(_):
    return {}


def sent(_):
    return SENT


def by_funder(breakdown):
    sums = Counter()
    for line in breakdown.lines():
        for off in line.offs():
            for share in off.funders:
                sums[off.step.value, share.funder] += share.amount_fen
    return sums


def test_example_a_comes_out_to_the_fen():
    breakdown = pricing.price(LINES, [PLATFORM_COUPON, SHOP_COUPON], free)

    lines = {line.key: line for line in breakdown.lines()}
    assert {key: line.paid_fen for key, line in lines.items()} == {
        "A1": 4_524,
        "A2": 1_955,
        "B1": 11_671,
        "B2": 999,
    }
    assert {key: [off.amount_fen for off in line.discounts] for key, line in lines.items()} == {
        "A1": [698, 748],
        "A2": [302, 323],
        "B1": [1_929],
        "B2": [],
    }
    funded = {
        key: {share.funder: share.amount_fen for share in line.discounts[-1].funders}
        for key, line in lines.items()
        if line.discounts
    }
    assert funded == {
        "A1": {"PLATFORM": 524, "SHOP": 224},
        "A2": {"PLATFORM": 226, "SHOP": 97},
        "B1": {"PLATFORM": 1_350, "SHOP": 579},
    }
    assert by_funder(breakdown) == {
        ("SHOP_COUPON", "SHOP"): 1_000,
        ("PLATFORM_COUPON", "PLATFORM"): 2_100,
        ("PLATFORM_COUPON", "SHOP"): 900,
    }
    assert (breakdown.goods_fen, breakdown.discount_fen, breakdown.payable_fen) == (
        23_149,
        4_000,
        19_149,
    )
    assert breakdown.used == ("shop coupon", "platform coupon")


def test_a_breakdown_says_which_budget_pays():
    breakdown = pricing.price(LINES, [PLATFORM_COUPON], free)

    budgets = {
        share.funder: share.budget_reference
        for line in breakdown.lines()
        for off in line.discounts
        for share in off.funders
    }
    assert budgets == {"PLATFORM": "budget", "SHOP": None}


def test_freight_comes_on_top_and_is_explained_by_line():
    freight = {SHOP_A: ShopFreight(1_600, {"A1": 1_216, "A2": 384}), SHOP_B: ShopFreight(0, {})}

    breakdown = pricing.price(LINES, [SHOP_COUPON], lambda _: freight)

    first, second = breakdown.shops
    assert (first.goods_fen, first.discount_fen, first.freight_fen, first.payable_fen) == (
        8_550,
        1_000,
        1_600,
        9_150,
    )
    assert [line.freight_fen for line in first.lines] == [1_216, 384]
    assert (second.freight_fen, second.payable_fen) == (0, 14_599)
    assert breakdown.payable_fen == 9_150 + 14_599


def test_free_shipping_is_tested_after_shop_coupons_and_before_the_platforms():
    goods = pricing.discounted(LINES, [SHOP_COUPON, PLATFORM_COUPON])

    assert goods.after_shop_discounts() == {"A1": 5_272, "A2": 2_278, "B1": 13_600, "B2": 999}


def test_two_coupons_of_one_kind_do_not_stack():
    breakdown = pricing.price(LINES, [PLATFORM_COUPON, PLATFORM_COUPON], free)

    assert [refused.code for refused in breakdown.refused] == ["COUPON_STACKING"]
    assert breakdown.discount_fen == 3_000


def test_a_coupon_below_its_threshold_says_how_much_is_missing():
    breakdown = pricing.price(LINES[:2], [PLATFORM_COUPON], free)

    (refused,) = breakdown.refused
    assert (refused.code, refused.short_fen) == ("COUPON_BELOW_THRESHOLD", 20_000 - 8_550)
    assert (breakdown.discount_fen, breakdown.used) == (0, ())


def test_a_reduction_comes_before_every_coupon_and_spoils_none():
    breakdown = pricing.price(LINES, [PLATFORM_COUPON, SHOP_COUPON], free, [REDUCTION])

    lines = {line.key: line for line in breakdown.lines()}
    # 85.50 reach the second tier: 12.00 over 59.70 and 25.80. Both coupons still count: 85.50 and
    # 221.50 before anything was taken off. 30.00 over 44.34 : 19.16 : 136.00 of what was left.
    assert {key: [off.amount_fen for off in line.discounts] for key, line in lines.items()} == {
        "A1": [838, 698, 667],
        "A2": [362, 302, 288],
        "B1": [2_045],
        "B2": [],
    }
    assert {key: line.paid_fen for key, line in lines.items()} == {
        "A1": 3_767,
        "A2": 1_628,
        "B1": 11_555,
        "B2": 999,
    }
    assert by_funder(breakdown) == {
        ("SHOP_REDUCTION", "SHOP"): 1_200,
        ("SHOP_COUPON", "SHOP"): 1_000,
        ("PLATFORM_COUPON", "PLATFORM"): 2_100,
        ("PLATFORM_COUPON", "SHOP"): 900,
    }
    first = lines["A1"].discounts[0]
    assert (first.reduction_reference, first.reduction_id) == ("reduction", 1)
    assert (first.coupon_reference, first.batch_id) == (None, None)
    assert breakdown.used == ("shop coupon", "platform coupon")


def test_a_reduction_that_is_not_reached_is_passed_over():
    breakdown = pricing.price(LINES[1:2], [], free, [REDUCTION])

    assert (breakdown.discount_fen, breakdown.refused) == (0, ())


def test_a_percentage_is_one_of_what_the_reduction_left():
    percentage = replace(
        SHOP_COUPON,
        kind=CouponKind.DISCOUNT,
        amount_fen=None,
        threshold_fen=None,
        discount_bp=1_500,
        max_discount_fen=2_000,
    )

    breakdown = pricing.price(LINES, [percentage], free, [REDUCTION])

    # 15 % of 73.50 is 11.025.
    assert by_funder(breakdown) == {
        ("SHOP_REDUCTION", "SHOP"): 1_200,
        ("SHOP_COUPON", "SHOP"): 1_103,
    }


def test_free_shipping_is_tested_on_what_the_reduction_left_too():
    goods = pricing.discounted(LINES, [SHOP_COUPON, PLATFORM_COUPON], [REDUCTION])

    assert goods.after_shop_discounts() == {"A1": 4_434, "A2": 1_916, "B1": 13_600, "B2": 999}


def test_a_freight_coupon_takes_off_freight_only_and_each_funder_its_part():
    breakdown = pricing.price(LINES, [FREIGHT_COUPON, SHOP_COUPON], sent)

    lines = {line.key: line for line in breakdown.lines()}
    # 10.00 over 12.16 : 3.84 : 8.00, of which the platform pays 7.00 and the shops 3.00.
    assert {key: (line.freight_fee_fen, line.freight_fen) for key, line in lines.items()} == {
        "A1": (1_216, 709),
        "A2": (384, 224),
        "B1": (800, 467),
        "B2": (0, 0),
    }
    assert by_funder(breakdown) == {
        ("SHOP_COUPON", "SHOP"): 1_000,
        ("PLATFORM_FREIGHT", "PLATFORM"): 700,
        ("PLATFORM_FREIGHT", "SHOP"): 300,
    }
    assert (breakdown.discount_fen, breakdown.freight_fee_fen, breakdown.freight_fen) == (
        1_000,
        2_400,
        1_400,
    )
    assert breakdown.payable_fen == 23_149 - 1_000 + 1_400
    assert lines["A1"].paid_fen == 5_272


def test_a_freight_coupon_never_takes_more_than_the_freight_of_what_it_counts_for():
    shops_own = replace(SHOP_COUPON, kind=CouponKind.FREIGHT, threshold_fen=None, amount_fen=5_000)

    breakdown = pricing.price(LINES, [shops_own, FREIGHT_COUPON], sent)

    first, second = breakdown.shops
    assert (first.freight_fee_fen, first.freight_fen, first.payable_fen) == (1_600, 0, 8_550)
    assert (second.freight_fee_fen, second.freight_fen) == (800, 0)
    assert by_funder(breakdown) == {
        ("SHOP_FREIGHT", "SHOP"): 1_600,
        ("PLATFORM_FREIGHT", "PLATFORM"): 560,
        ("PLATFORM_FREIGHT", "SHOP"): 240,
    }


def test_a_freight_coupon_where_nothing_is_charged_says_so():
    breakdown = pricing.price(LINES, [FREIGHT_COUPON], free)

    assert [refused.code for refused in breakdown.refused] == ["COUPON_NOTHING_LEFT"]
    assert breakdown.used == ()


def test_a_freight_coupon_has_a_threshold_of_goods():
    asking = replace(FREIGHT_COUPON, threshold_fen=30_000)

    breakdown = pricing.price(LINES, [asking], sent)

    (refused,) = breakdown.refused
    assert (refused.code, refused.short_fen) == ("COUPON_BELOW_THRESHOLD", 6_851)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_a_freight_coupon_takes_the_place_of_its_issuer(order):
    breakdown = pricing.price(LINES, [PLATFORM_COUPON, FREIGHT_COUPON][order], sent)

    # Whichever was named first, the same one stands.
    assert [refused.code for refused in breakdown.refused] == ["COUPON_STACKING"]
    assert breakdown.used == ("freight coupon",)
