"""What holds of every price: random baskets, reductions, coupons, funders and freight."""

from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.kinds import CouponKind
from orders.placement.domain import pricing, refunding
from orders.placement.domain.refunding import Borne
from orders.placement.domain.steps import Step
from tests.properties.baskets import baskets, coupon_sets, freights, reduction_sets

markets = st.tuples(baskets(), coupon_sets(), reduction_sets(), freights())


def priced(market):
    lines, coupons, reductions, freight = market
    return pricing.price(lines, coupons, freight.of(lines), reductions)


@given(markets)
def test_every_line_is_paid_in_full_by_its_buyer_and_its_funders(market):
    breakdown = priced(market)

    sales = {line.key: line.sale_fen for line in market[0]}
    for line in breakdown.lines():
        borne = sum(share.amount_fen for off in line.discounts for share in off.funders)
        assert line.sale_fen == sales[line.key] == line.paid_fen + borne
        assert line.paid_fen >= 0
    assert {line.key for line in breakdown.lines()} == sales.keys()


@given(markets)
def test_nothing_ever_reaches_a_deposit_which_counts_for_its_worth(market):
    breakdown = priced(market)

    lines = {line.key: line for line in market[0]}
    for line in breakdown.lines():
        asked = lines[line.key]
        more_fen = sum(off.amount_fen for off in line.discounts if off.step == Step.DEPOSIT_WORTH)
        assert line.deposit_fen == asked.deposit_fen <= line.paid_fen
        assert more_fen == asked.deposit_worth_fen - asked.deposit_fen
    assert breakdown.deposit_fen == sum(line.deposit_fen for line in lines.values())


@given(markets)
def test_the_freight_of_every_line_is_paid_in_full_too(market):
    breakdown = priced(market)

    for line in breakdown.lines():
        borne = sum(share.amount_fen for off in line.freight_discounts for share in off.funders)
        assert line.freight_fee_fen == line.freight_fen + borne
        assert line.freight_fen >= 0


@given(markets)
def test_what_is_taken_off_goods_and_off_freight_never_mixes(market):
    breakdown = priced(market)

    kinds = {coupon.coupon_reference: coupon.kind for coupon in market[1]}
    for line in breakdown.lines():
        for off in line.discounts:
            if off.step != Step.DEPOSIT_WORTH:
                assert off.reduction_id or kinds[off.coupon_reference] != CouponKind.FREIGHT
        for off in line.freight_discounts:
            assert kinds[off.coupon_reference] == CouponKind.FREIGHT


@given(markets)
def test_the_parts_of_a_breakdown_add_up(market):
    breakdown = priced(market)

    shops = breakdown.shops
    assert breakdown.payable_fen == sum(shop.payable_fen for shop in shops)
    assert breakdown.payable_fen == (
        breakdown.goods_fen - breakdown.discount_fen + breakdown.freight_fen
    )
    for shop in shops:
        assert shop.payable_fen == sum(line.paid_fen for line in shop.lines) + shop.freight_fen
        assert shop.freight_fee_fen == sum(line.freight_fee_fen for line in shop.lines)


@given(markets, st.randoms())
def test_the_price_depends_on_no_order_of_lines_coupons_or_reductions(market, chance):
    mixed = [[*part] if isinstance(part, list) else part for part in market]
    for part in mixed[:3]:
        chance.shuffle(part)

    first, second = priced(market), priced(mixed)

    assert {line.key: line for line in first.lines()} == {line.key: line for line in second.lines()}
    assert (first.used, first.refused) == (second.used, second.refused)


@given(markets)
def test_each_place_takes_one_coupon_and_every_other_says_why_not(market):
    breakdown = priced(market)

    terms = {coupon.coupon_reference: coupon for coupon in market[1]}
    places = [pricing.place_of(terms[used]) for used in breakdown.used]
    assert len(places) == len(set(places))
    told = [*breakdown.used, *(refused.coupon_reference for refused in breakdown.refused)]
    assert sorted(told) == sorted(terms)


@given(markets)
def test_no_coupon_takes_more_than_its_cap_and_no_budget_more_than_was_set_aside(market):
    breakdown = priced(market)

    spent = defaultdict(int)
    for line in breakdown.lines():
        for off in line.offs():
            for share in off.funders:
                spent[off.coupon_reference, share.funder] += share.amount_fen
    for terms in market[1]:
        worst = discounts.worst_case_fen(
            terms.kind, amount_fen=terms.amount_fen, max_discount_fen=terms.max_discount_fen
        )
        taken = {part.funder: spent[terms.coupon_reference, part.funder] for part in terms.funding}
        assert sum(taken.values()) <= worst
        for part in terms.funding:
            assert taken[part.funder] <= discounts.reservation_fen(worst, part.bp)


@given(markets)
def test_a_reduction_takes_one_of_its_tiers_and_its_shop_bears_it_alone(market):
    lines, _, reductions, _ = market
    breakdown = priced(market)

    taken, sales = defaultdict(int), defaultdict(int)
    shop_of = {line.key: line.shop_id for line in lines}
    worth_of = {line.key: line.deposit_worth_fen for line in lines}
    known = {reduction.reduction_id: reduction for reduction in reductions}
    for line in breakdown.lines():
        for off in line.discounts:
            if off.reduction_id:
                taken[off.reduction_id] += off.amount_fen
                sales[off.reduction_id] += line.sale_fen - worth_of[line.key]
                assert [share.funder for share in off.funders] == ["SHOP"]
                assert known[off.reduction_id].shop_id == shop_of[line.key]
    for reduction_id, off_fen in taken.items():
        amounts = [tier.amount_fen for tier in known[reduction_id].tiers]
        assert off_fen in amounts or off_fen == sales[reduction_id] < max(amounts)


@given(markets)
def test_a_discount_never_spoils_the_threshold_of_another(market):
    lines, coupons, reductions, freight = market
    fine = {
        terms.coupon_reference for terms in coupons if discounts.refusal_of(terms, lines) is None
    }

    refused = pricing.price(lines, coupons, freight.of(lines), reductions).refused

    for one in refused:
        if one.coupon_reference in fine:
            assert one.code in ("COUPON_STACKING", "COUPON_NOTHING_LEFT")


@given(markets)
def test_at_every_partial_refund_each_unit_is_worth_its_price(market):
    units = {line.key: line.sale_fen // line.quantity for line in market[0]}
    for line in priced(market).lines():
        whole = {"unit_sale_fen": units[line.key], "quantity": line.quantity}
        whole |= {"paid_fen": line.paid_fen, "borne": borne_of(line)}
        back = defaultdict(int)
        for done in range(line.quantity):
            step = refunding.of_units(**whole, refunded=done, units=1)
            assert step.paid_fen + step.discount_fen == units[line.key]
            add_up(back, step)
        assert back == sums(line.paid_fen, line.discounts)


@given(markets, st.lists(st.integers(0, 5_000), max_size=4))
def test_at_every_partial_refund_of_freight_each_funder_gets_its_part(market, cuts):
    for line in priced(market).lines():
        fee = {"fee_fen": line.freight_fee_fen, "paid_fen": line.freight_fen}
        edges = sorted(
            {0, line.freight_fee_fen, *(cut % (line.freight_fee_fen + 1) for cut in cuts)}
        )
        back = defaultdict(int)
        for start, end in pairwise(edges):
            step = refunding.of_freight(
                **fee, borne=borne_of(line), refunded_fen=start, fen=end - start
            )
            assert step.paid_fen + step.discount_fen == end - start
            add_up(back, step)
        assert back == sums(line.freight_fen, line.freight_discounts)


def borne_of(line):
    return [
        Borne(off.step, share.funder, share.amount_fen)
        for off in line.offs()
        for share in off.funders
    ]


def add_up(back, step):
    parts = {("buyer", ""): step.paid_fen}
    parts |= {
        (kind, funder): fen for kind, row in step.by_kind.items() for funder, fen in row.items()
    }
    for name, fen in parts.items():
        assert fen >= 0
        if fen:
            back[name] += fen


def sums(paid_fen, offs):
    found = {("buyer", ""): paid_fen} if paid_fen else {}
    for off in offs:
        for share in off.funders:
            found[off.step, share.funder] = share.amount_fen
    return found
