"""Random baskets with everything that makes their price: reductions, coupons, funders, freight."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from core import money
from marketplace.coupons.domain.discounts import CouponTerms, Funding, PricedLine, Scope
from marketplace.coupons.domain.kinds import BUDGETED, CouponKind, Funder, Issuer
from marketplace.reductions.domain.tiers import ReductionTerms, Tier
from orders.placement.domain.pricing import FreightOf, ShopFreight

SHOPS = (1, 2, 3)
CATEGORIES = (10, 20)
LINES_MAX = 8
amounts = st.integers(1, 20_000)


@st.composite
def baskets(draw, shops=SHOPS) -> list[PricedLine]:
    lines = []
    for place in range(draw(st.integers(1, LINES_MAX))):
        quantity = draw(st.integers(1, 5))
        sale_fen = quantity * draw(st.integers(0, 10_000))
        is_on_activity_price = draw(st.sampled_from((False, False, True)))
        # Some of those are paid in two steps.
        worth_fen = draw(st.sampled_from((0, sale_fen // 3))) if is_on_activity_price else 0
        lines.append(
            PricedLine(
                key=f"L{place}",
                shop_id=draw(st.sampled_from(shops)),
                sku_id=place,
                product_id=place,
                category_path=(draw(st.sampled_from(CATEGORIES)),),
                origin_codes=("420527", "420500", "420000"),
                section_ids=(),
                programmes=(),
                amount_fen=sale_fen,
                sale_fen=sale_fen,
                quantity=quantity,
                is_on_activity_price=is_on_activity_price,
                deposit_fen=draw(st.integers(0, worth_fen)),
                deposit_worth_fen=worth_fen,
            )
        )
    return lines


def coupon_sets(most: int = 6, shops: Sequence[int] = SHOPS) -> st.SearchStrategy:
    return st.integers(0, most).flatmap(
        lambda count: st.tuples(*(coupons(place, shops) for place in range(count))).map(list)
    )


@st.composite
def coupons(draw, place: int, shops: Sequence[int] = SHOPS) -> CouponTerms:
    shop_id = draw(st.sampled_from((None, *shops)))
    kind = draw(st.sampled_from(CouponKind.values))
    is_percentage = kind == CouponKind.DISCOUNT
    threshold = {}
    if kind != CouponKind.DIRECT:
        measure = draw(st.sampled_from(("threshold_fen", "threshold_pieces", None)))
        if measure or kind == CouponKind.FULL_REDUCTION:
            is_pieces = measure == "threshold_pieces"
            threshold = {
                measure or "threshold_fen": draw(st.integers(1, 6) if is_pieces else amounts)
            }
    return CouponTerms(
        coupon_reference=f"C{place}",
        batch_id=place,
        issuer=Issuer.SHOP if shop_id else Issuer.PLATFORM,
        issuer_shop_id=shop_id,
        kind=kind,
        **threshold,
        amount_fen=None if is_percentage else draw(amounts),
        discount_bp=draw(st.integers(1, 10_000)) if is_percentage else None,
        max_discount_fen=draw(amounts) if is_percentage else None,
        scope=Scope(
            categories=frozenset(draw(st.sets(st.sampled_from(CATEGORIES), max_size=1))),
            products=frozenset(draw(st.sets(st.integers(0, LINES_MAX - 1), max_size=4))),
        ),
        funding=(Funding(Funder.SHOP, 10_000),) if shop_id else draw(fundings()),
        accepted_shop_ids=frozenset(draw(st.sets(st.sampled_from(shops)))),
        allow_on_activity_price=draw(st.booleans()),
    )


@st.composite
def fundings(draw) -> tuple[Funding, ...]:
    names = draw(st.lists(st.sampled_from((*BUDGETED, Funder.SHOP)), min_size=1, unique=True))
    inner = st.lists(st.integers(1, 9_999), min_size=len(names) - 1, max_size=len(names) - 1)
    cuts = draw(inner.filter(lambda found: len(set(found)) == len(found)))
    edges = [0, *sorted(cuts), 10_000]
    return tuple(
        Funding(name.value, upper - lower, *((None, None) if name == "SHOP" else (1, f"b-{name}")))
        for name, lower, upper in zip(names, edges[:-1], edges[1:], strict=True)
    )


@st.composite
def reduction_sets(draw, shops=SHOPS) -> list[ReductionTerms]:
    """Draw none for a shop, one for all it sells, or two for different goods."""
    found = []
    for shop_id in shops:
        products = draw(st.permutations(range(LINES_MAX)))
        cut = draw(st.integers(1, LINES_MAX - 1))
        scopes = draw(
            st.sampled_from(
                ((), (frozenset(),), (frozenset(products[:cut]), frozenset(products[cut:])))
            )
        )
        for scope in scopes:
            number = len(found) + 1
            found.append(
                ReductionTerms(
                    reduction_id=number,
                    reference=f"R{number}",
                    shop_id=shop_id,
                    tiers=tuple(draw(st.lists(_tiers(), min_size=1, max_size=3))),
                    product_ids=scope,
                    allow_on_activity_price=draw(st.booleans()),
                )
            )
    return found


@st.composite
def _tiers(draw) -> Tier:
    if draw(st.booleans()):
        return Tier(draw(amounts), threshold_pieces=draw(st.integers(1, 8)))
    threshold_fen = draw(st.integers(2, 30_000))
    return Tier(draw(st.integers(1, threshold_fen - 1)), threshold_fen=threshold_fen)


@dataclass(frozen=True)
class Freight:
    """What each shop charges for a piece, and from which amount on it charges nothing."""

    fees: Mapping[int, tuple[int, int]]

    def of(self, lines: Sequence[PricedLine]) -> FreightOf:
        by_key = {line.key: line for line in lines}

        def freight_of(left: Mapping[str, int]) -> dict[int, ShopFreight]:
            shops = defaultdict(list)
            for key in sorted(left):
                shops[by_key[key].shop_id].append(by_key[key])
            return {
                shop_id: self._fee(shop_id, sent, sum(left[line.key] for line in sent))
                for shop_id, sent in shops.items()
                if shop_id in self.fees
            }

        return freight_of

    def _fee(self, shop_id: int, sent: Sequence[PricedLine], amount_fen: int) -> ShopFreight:
        fee_fen, free_from_fen = self.fees[shop_id]
        charged_fen = 0 if amount_fen >= free_from_fen else fee_fen
        parts = money.allocate(charged_fen, [line.quantity for line in sent])
        keys = (line.key for line in sent)
        return ShopFreight(charged_fen, dict(zip(keys, parts, strict=True)))


def freights(shops: Sequence[int] = SHOPS) -> st.SearchStrategy:
    fee = st.tuples(st.integers(0, 5_000), st.sampled_from((5_000, 15_000, 10**9)))
    return st.dictionaries(st.sampled_from(shops), fee).map(Freight)
