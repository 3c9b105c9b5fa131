from collections import Counter

from marketplace.coupons.domain.discounts import CouponTerms, Funding, PricedLine, Scope
from marketplace.coupons.domain.kinds import CouponKind, Funder, Issuer
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


def by_funder(breakdown):
    sums = Counter()
    for line in breakdown.lines():
        for off in line.discounts:
            for share in off.funders:
                sums[off.step.value, share.funder] += share.amount_fen
    return sums


def test_example_a_comes_out_to_the_fen():
    breakdown = pricing.price(LINES, [PLATFORM_COUPON, SHOP_COUPON], {})

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
    breakdown = pricing.price(LINES, [PLATFORM_COUPON], {})

    budgets = {
        share.funder: share.budget_reference
        for line in breakdown.lines()
        for off in line.discounts
        for share in off.funders
    }
    assert budgets == {"PLATFORM": "budget", "SHOP": None}


def test_freight_comes_on_top_and_is_explained_by_line():
    freight = {SHOP_A: ShopFreight(1_600, {"A1": 1_216, "A2": 384}), SHOP_B: ShopFreight(0, {})}

    breakdown = pricing.price(LINES, [SHOP_COUPON], freight)

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

    assert goods.after_shop_coupons() == {"A1": 5_272, "A2": 2_278, "B1": 13_600, "B2": 999}


def test_two_coupons_of_one_kind_do_not_stack():
    breakdown = pricing.price(LINES, [PLATFORM_COUPON, PLATFORM_COUPON], {})

    assert [refused.code for refused in breakdown.refused] == ["COUPON_STACKING"]
    assert breakdown.discount_fen == 3_000


def test_a_coupon_below_its_threshold_says_how_much_is_missing():
    breakdown = pricing.price(LINES[:2], [PLATFORM_COUPON], {})

    (refused,) = breakdown.refused
    assert (refused.code, refused.short_fen) == ("COUPON_BELOW_THRESHOLD", 20_000 - 8_550)
    assert (breakdown.discount_fen, breakdown.used) == (0, ())
