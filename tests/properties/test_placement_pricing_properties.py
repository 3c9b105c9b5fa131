from hypothesis import given
from hypothesis import strategies as st

from marketplace.coupons.domain.discounts import CouponTerms, Funding, PricedLine, Scope
from marketplace.coupons.domain.kinds import CouponKind, Funder, Issuer
from orders.placement.domain import pricing
from orders.placement.domain.pricing import ShopFreight

SHOPS = (1, 2, 3)


@st.composite
def baskets(draw):
    count = draw(st.integers(1, 8))
    lines = []
    for place in range(count):
        sale_fen = draw(st.integers(0, 50_000))
        lines.append(
            PricedLine(
                key=f"L{place}",
                shop_id=draw(st.sampled_from(SHOPS)),
                sku_id=place,
                product_id=place,
                category_path=(draw(st.sampled_from((10, 20))),),
                origin_codes=("420527", "420500", "420000"),
                section_ids=(),
                programmes=(),
                amount_fen=sale_fen,
                sale_fen=sale_fen,
                quantity=draw(st.integers(1, 5)),
            )
        )
    return lines


@st.composite
def coupon_sets(draw):
    return [draw(_coupon(place)) for place in range(draw(st.integers(0, 5)))]


@st.composite
def _coupon(draw, place):
    shop_id = draw(st.sampled_from((None, *SHOPS)))
    kind = draw(st.sampled_from(CouponKind.values))
    is_percentage = kind == CouponKind.DISCOUNT
    shop_bp = draw(st.integers(0, 10_000))
    funding = tuple(
        part
        for part in (
            Funding(Funder.PLATFORM, 10_000 - shop_bp, 1, "budget"),
            Funding(Funder.SHOP, shop_bp),
        )
        if part.bp
    )
    return CouponTerms(
        coupon_reference=f"C{place}",
        batch_id=place,
        issuer=Issuer.SHOP if shop_id else Issuer.PLATFORM,
        issuer_shop_id=shop_id,
        kind=kind,
        threshold_fen=draw(st.integers(0, 30_000)) if kind == CouponKind.FULL_REDUCTION else None,
        amount_fen=None if is_percentage else draw(st.integers(1, 40_000)),
        discount_bp=draw(st.integers(1, 9_999)) if is_percentage else None,
        max_discount_fen=draw(st.integers(1, 20_000)) if is_percentage else None,
        scope=Scope(categories=draw(st.sampled_from((frozenset(), frozenset({10}))))),
        funding=(Funding(Funder.SHOP, 10_000),) if shop_id else funding,
        accepted_shop_ids=frozenset(SHOPS),
    )


freights = st.dictionaries(
    st.sampled_from(SHOPS), st.integers(0, 5_000).map(lambda fee: ShopFreight(fee, {}))
)


@given(baskets(), coupon_sets(), freights)
def test_every_line_is_paid_in_full_by_its_buyer_and_its_funders(lines, coupons, freight):
    breakdown = pricing.price(lines, coupons, freight)

    sales = {line.key: line.sale_fen for line in lines}
    for line in breakdown.lines():
        borne = sum(share.amount_fen for off in line.discounts for share in off.funders)
        assert line.sale_fen == sales[line.key] == line.paid_fen + borne
        assert line.paid_fen >= 0
    assert {line.key for line in breakdown.lines()} == sales.keys()


@given(baskets(), coupon_sets(), freights)
def test_the_parts_of_a_breakdown_add_up(lines, coupons, freight):
    breakdown = pricing.price(lines, coupons, freight)

    shops = breakdown.shops
    assert breakdown.payable_fen == sum(shop.payable_fen for shop in shops)
    assert breakdown.payable_fen == (
        breakdown.goods_fen - breakdown.discount_fen + breakdown.freight_fen
    )
    for shop in shops:
        assert shop.payable_fen == sum(line.paid_fen for line in shop.lines) + shop.freight_fen


@given(baskets(), coupon_sets(), st.randoms())
def test_the_price_does_not_depend_on_the_order_of_the_lines(lines, coupons, chance):
    mixed = list(lines)
    chance.shuffle(mixed)

    first = pricing.price(lines, coupons, {})
    second = pricing.price(mixed, coupons, {})

    assert {line.key: line for line in first.lines()} == {line.key: line for line in second.lines()}


@given(baskets(), coupon_sets())
def test_each_place_takes_one_coupon_and_every_other_says_why_not(lines, coupons):
    breakdown = pricing.price(lines, coupons, {})

    terms = {coupon.coupon_reference: coupon for coupon in coupons}
    places = [pricing.place_of(terms[used]) for used in breakdown.used]
    assert len(places) == len(set(places))
    told = [*breakdown.used, *(refused.coupon_reference for refused in breakdown.refused)]
    assert sorted(told) == sorted(terms)


@given(baskets(), coupon_sets())
def test_the_best_coupons_of_a_step_take_off_at_least_what_any_single_one_does(lines, coupons):
    best = pricing.best_coupons(lines, coupons)

    breakdown = pricing.price(lines, best, {})
    assert not breakdown.refused
    for coupon in coupons:
        single = pricing.price(lines, [coupon], {})
        assert breakdown.discount_fen >= single.discount_fen
