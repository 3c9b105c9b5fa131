"""What holds for every basket, every coupon and every split."""

import random

from hypothesis import given
from hypothesis import strategies as st

from marketplace.coupons.domain import discounts, refunds
from marketplace.coupons.domain.discounts import (
    CouponTerms,
    Discount,
    Funding,
    PricedLine,
    Scope,
)
from marketplace.coupons.domain.refunds import KindShare

FUNDERS = ["PLATFORM", "GOVERNMENT", "PARTNER", "SHOP"]


@st.composite
def fundings(draw):
    names = draw(st.lists(st.sampled_from(FUNDERS), min_size=1, max_size=4, unique=True))
    cuts = draw(
        st.lists(
            st.integers(1, 9_999), min_size=len(names) - 1, max_size=len(names) - 1, unique=True
        )
    )
    edges = [0, *sorted(cuts), 10_000]
    return tuple(
        Funding(name, upper - lower, None if name == "SHOP" else place)
        for place, (name, lower, upper) in enumerate(zip(names, edges[:-1], edges[1:], strict=True))
    )


@st.composite
def baskets(draw):
    count = draw(st.integers(1, 8))
    return [
        PricedLine(
            key=f"line {number}",
            shop_id=draw(st.integers(1, 3)),
            sku_id=number,
            product_id=number,
            category_path=(draw(st.integers(1, 2)),),
            origin_codes=("420527",),
            section_ids=(),
            programmes=(),
            sale_fen=(quantity := draw(st.integers(1, 9))) * (unit := draw(st.integers(1, 90_000))),
            amount_fen=draw(st.integers(0, quantity * unit)),
            quantity=quantity,
        )
        for number in range(count)
    ]


@st.composite
def coupons(draw):
    kind = draw(st.sampled_from(["FULL_REDUCTION", "DIRECT", "DISCOUNT"]))
    is_percentage = kind == "DISCOUNT"
    return CouponTerms(
        coupon_reference="c",
        batch_id=1,
        issuer="PLATFORM",
        kind=kind,
        threshold_fen=draw(st.integers(1, 200_000)) if kind == "FULL_REDUCTION" else None,
        amount_fen=None if is_percentage else draw(st.integers(1, 400_000)),
        discount_bp=draw(st.integers(1, 9_999)) if is_percentage else None,
        max_discount_fen=draw(st.integers(1, 100_000)) if is_percentage else None,
        scope=Scope(categories=frozenset(draw(st.sets(st.integers(1, 2))))),
        funding=draw(fundings()),
        accepted_shop_ids=frozenset(draw(st.sets(st.integers(1, 3)))),
    )


@given(coupons(), baskets())
def test_the_parts_are_the_whole_and_no_line_goes_below_zero(terms, lines):
    found = discounts.discount_of(terms, lines)

    if not isinstance(found, Discount):
        return
    by_key = {line.key: line for line in lines}
    places = {lines[place].key for place in discounts.eligible(terms, lines)}
    assert sum(part.amount_fen for part in found.by_line.values()) == found.total_fen > 0
    assert sum(found.by_funder.values()) == found.total_fen
    for key, part in found.by_line.items():
        assert key in places
        assert 0 < part.amount_fen <= by_key[key].amount_fen
        assert sum(part.by_funder.values()) == part.amount_fen
        assert all(fen > 0 for fen in part.by_funder.values())
    for funder, fen in found.by_funder.items():
        assert fen == sum(part.by_funder.get(funder, 0) for part in found.by_line.values())


@given(coupons(), baskets())
def test_no_budget_is_ever_overspent_by_rounding(terms, lines):
    found = discounts.discount_of(terms, lines)

    if not isinstance(found, Discount):
        return
    worst = discounts.worst_case_fen(
        terms.kind, amount_fen=terms.amount_fen, max_discount_fen=terms.max_discount_fen
    )
    assert found.total_fen <= worst
    for part in terms.funding:
        assert found.by_funder.get(part.funder, 0) <= discounts.reservation_fen(worst, part.bp)


@given(coupons(), baskets(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(terms, lines, chance: random.Random):
    shuffled = list(lines)
    chance.shuffle(shuffled)

    assert discounts.discount_of(terms, shuffled) == discounts.discount_of(terms, lines)


@given(coupons(), baskets())
def test_a_percentage_is_capped(terms, lines):
    found = discounts.discount_of(terms, lines)

    if isinstance(found, Discount) and terms.kind == "DISCOUNT":
        assert found.total_fen <= terms.max_discount_fen


@given(st.integers(0, 10**9), fundings())
def test_every_funder_stays_within_a_fen_of_its_share(total_fen, funding):
    totals = discounts.split_total(total_fen, funding)

    assert sum(totals.values()) == total_fen
    for part in funding:
        assert abs(totals[part.funder] * 10_000 - total_fen * part.bp) < 10_000


@st.composite
def sold_lines(draw):
    quantity = draw(st.integers(1, 30))
    unit = draw(st.integers(1, 90_000))
    left = quantity * unit
    kinds = []
    for kind in ("SHOP_COUPON", "PLATFORM_COUPON"):
        row = {}
        for funder in draw(st.lists(st.sampled_from(FUNDERS), max_size=4, unique=True)):
            row[funder] = draw(st.integers(0, left))
            left -= row[funder]
        kinds.append(KindShare(kind, row))
    return {"unit_sale_fen": unit, "quantity": quantity, "paid_fen": left, "kinds": kinds}


@given(sold_lines())
def test_the_identity_holds_at_every_unit_that_goes_back(line):
    paid = 0
    given_back = [dict.fromkeys(kind.by_funder, 0) for kind in line["kinds"]]
    for done in range(line["quantity"]):
        step = refunds.refund_of(**line, refunded=done, units=1)
        assert step.paid_fen >= 0
        assert step.paid_fen + step.discount_fen == line["unit_sale_fen"]
        paid += step.paid_fen
        for totals, row in zip(given_back, step.by_kind.values(), strict=True):
            for funder, fen in row.items():
                assert fen >= 0
                totals[funder] += fen
    assert paid == line["paid_fen"]
    assert given_back == [dict(kind.by_funder) for kind in line["kinds"]]
