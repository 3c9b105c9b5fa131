"""The best coupons are the best of all allowed sets: beside every one of them, tried by hand."""

from collections import defaultdict
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import CouponTerms, Funding, PricedLine, Scope
from marketplace.coupons.domain.kinds import CouponKind, Funder, Issuer
from orders.placement.domain import choosing, pricing
from orders.placement.domain.pricing import place_of
from tests.properties.baskets import Freight, baskets, coupon_sets, freights, reduction_sets

markets = st.tuples(baskets(), coupon_sets(7), reduction_sets(), freights())


def allowed_sets(usable, chosen=()):
    """Yield every set with at most one coupon in each place, and none where one was chosen."""
    places = defaultdict(list)
    taken = {place_of(terms) for terms in chosen}
    for terms in usable:
        if place_of(terms) not in taken:
            places[place_of(terms)].append(terms)
    for picks in product(*([None, *rivals] for rivals in places.values())):
        yield [terms for terms in picks if terms is not None]


def by_hand(lines, usable, freight_of, reductions, chosen=()):
    """Return what the best set costs, and which of the coupons are in it: all sets are tried."""
    rank = {terms.coupon_reference: place for place, terms in enumerate(usable)}

    def judged(extra):
        breakdown = pricing.price(lines, [*chosen, *extra], freight_of, reductions)
        ranks = sorted(rank[terms.coupon_reference] for terms in extra)
        return breakdown.payable_fen, len(ranks), ranks

    return min(map(judged, allowed_sets(usable, chosen)))


def found_by(lines, usable, freight_of, reductions, chosen=()):
    choice = choosing.best(lines, usable, freight_of, reductions, chosen)
    breakdown = pricing.price(lines, choice.coupons, freight_of, reductions)
    extra = [terms for terms in choice.coupons if terms not in chosen]
    return breakdown.payable_fen, len(extra), sorted(usable.index(terms) for terms in extra)


@settings(max_examples=400)
@given(markets)
def test_no_allowed_set_costs_less_and_of_equals_the_first_to_run_out_is_taken(market):
    lines, usable, reductions, freight = market

    found = found_by(lines, usable, freight.of(lines), reductions)

    assert found == by_hand(lines, usable, freight.of(lines), reductions)


@settings(max_examples=200)
@given(markets, st.randoms())
def test_the_best_is_added_to_what_was_chosen(market, chance):
    lines, coupons, reductions, freight = market
    chosen = chance.sample(coupons, min(len(coupons), 2))
    usable = [terms for terms in coupons if terms not in chosen]

    found = found_by(lines, usable, freight.of(lines), reductions, chosen)

    assert found == by_hand(lines, usable, freight.of(lines), reductions, chosen)


@given(markets, st.randoms())
def test_the_order_of_the_lines_does_not_matter(market, chance):
    lines, usable, reductions, freight = market
    mixed = list(lines)
    chance.shuffle(mixed)

    one = choosing.best(lines, usable, freight.of(lines), reductions)
    other = choosing.best(mixed, usable, freight.of(lines), reductions)

    assert {terms.coupon_reference for terms in one.coupons} == {
        terms.coupon_reference for terms in other.coupons
    }
    assert set(one.not_used) == set(other.not_used)


@given(markets)
def test_every_coupon_is_used_or_says_why_not(market):
    lines, usable, reductions, freight = market

    choice = choosing.best(lines, usable, freight.of(lines), reductions)

    used = {terms.coupon_reference for terms in choice.coupons}
    reasons = {refused.coupon_reference: refused for refused in choice.not_used}
    assert used | reasons.keys() == {terms.coupon_reference for terms in usable}
    assert not used & reasons.keys()
    assert not pricing.price(lines, choice.coupons, freight.of(lines), reductions).refused
    for terms in usable:
        if (reason := reasons.get(terms.coupon_reference)) is not None:
            alone = pricing.price(lines, [terms], freight.of(lines), reductions).refused
            assert reason.code == (alone[0].code if alone else "COUPON_LESS_OFF")
            if alone:
                assert (reason.short_fen, reason.short_pieces) == (
                    alone[0].short_fen,
                    alone[0].short_pieces,
                )


@settings(max_examples=300)
@given(coupon_sets(1).filter(bool), st.integers(0, 30_000), st.integers(0, 30_000))
def test_what_a_coupon_takes_off_grows_with_what_is_left_and_never_faster(one, left_fen, more_fen):
    """The rule that all the saving of work stands on."""
    less = discounts.amount_off(one[0], left_fen)

    assert 0 <= discounts.amount_off(one[0], left_fen + more_fen) - less <= more_fen


# --- Baskets made to be hard ----------------------------------------------------------------------


def a_line(shop_id, number, sale_fen, category):
    return PricedLine(
        key=f"{shop_id}.{number}", shop_id=shop_id, sku_id=shop_id * 10 + number,
        product_id=shop_id * 10 + number, category_path=(category,), origin_codes=(),
        section_ids=(), programmes=(), amount_fen=sale_fen, sale_fen=sale_fen, quantity=1,
    )  # fmt: skip


def a_coupon(reference, amount_fen, *, shop_id=None, category=None, kind=CouponKind.DIRECT):
    return CouponTerms(
        coupon_reference=reference, batch_id=1, issuer=Issuer.SHOP if shop_id else Issuer.PLATFORM,
        issuer_shop_id=shop_id, kind=kind, amount_fen=amount_fen,
        scope=Scope(categories=frozenset({category} if category else ())),
        funding=(Funding(Funder.SHOP if shop_id else Funder.PLATFORM, 10_000),),
    )  # fmt: skip


def test_the_best_coupon_of_a_shop_alone_is_not_always_in_the_best_set():
    # The platform's coupon can take all of the fruit. So 10.00 off fruit are nothing, 6.00 off tea
    # are 6.00: step by step the wrong one would have been taken first.
    lines = [a_line(1, 0, 5_000, 10), a_line(1, 1, 5_000, 20)]
    fruit = a_coupon("fruit", 1_000, shop_id=1, category=10)
    tea = a_coupon("tea", 600, shop_id=1, category=20)
    platform = a_coupon("platform", 5_000, category=10)

    choice = choosing.best(lines, [fruit, tea, platform], lambda _: {})

    assert {terms.coupon_reference for terms in choice.coupons} == {"tea", "platform"}
    assert [(one.coupon_reference, one.code) for one in choice.not_used] == [
        ("fruit", "COUPON_LESS_OFF")
    ]


def test_a_shop_coupon_that_costs_more_freight_than_it_saves_is_left_out():
    lines = [a_line(1, 0, 10_000, 10)]
    freight = Freight({1: (1_500, 10_000)}).of(lines)

    choice = choosing.best(lines, [a_coupon("shop", 1_000, shop_id=1)], freight)

    assert choice.coupons == ()
    assert [one.code for one in choice.not_used] == ["COUPON_LESS_OFF"]


def test_where_there_is_nothing_to_buy_no_coupon_is_used():
    choice = choosing.best([], [a_coupon("platform", 100)], lambda _: {})

    assert choice.coupons == ()
    assert [one.code for one in choice.not_used] == ["COUPON_OUT_OF_SCOPE"]


def test_a_coupon_whose_place_was_given_away_says_so():
    lines = [a_line(1, 0, 10_000, 10)]
    chosen, other = a_coupon("chosen", 100), a_coupon("other", 5_000)

    choice = choosing.best(lines, [other], lambda _: {}, chosen=[chosen])

    assert choice.coupons == (chosen,)
    assert [one.code for one in choice.not_used] == ["COUPON_STACKING"]


def test_the_hardest_wallet_takes_bounded_work():
    """Two coupons of each of 24 shops that trade what the platform's can reach for what it cannot.

    All sets would be 3^24, and this test would not end.
    """
    shops = 24
    lines = [a_line(shop, 0, 90_000, 10) for shop in range(1, shops + 1)]
    lines += [a_line(shop, 1, 90_000, 20) for shop in range(1, shops + 1)]
    usable = []
    for shop in range(1, shops + 1):
        usable.append(a_coupon(f"f{shop}", 10_007 + shop * 911 % 5_003, shop_id=shop, category=10))
        usable.append(a_coupon(f"t{shop}", 9_001 + shop * 733 % 4_001, shop_id=shop, category=20))
    reached = 90_000 * shops
    usable.append(a_coupon("p1", reached - 80_000, category=10))
    usable.append(a_coupon("p2", reached - 120_000, category=10))

    choice = choosing.best(lines, usable, lambda _: {})

    payable_fen = pricing.price(lines, choice.coupons, lambda _: {}).payable_fen
    for one, other in combinations([*choice.coupons, None], 2):
        fewer = [terms for terms in choice.coupons if terms not in (one, other)]
        assert payable_fen <= pricing.price(lines, fewer, lambda _: {}).payable_fen
