"""Which of somebody's coupons make an order cheapest: exact, and the same every time.

At most one coupon of each shop and one of the platform. What a shop's coupon takes off decides what
is left for the platform's, whether its goods still travel free, and what there is for a freight
coupon; so the best one of each place is not always the best set, and the fullest wallet has 3^24
sets to look at.

What saves the work: a platform coupon takes f(left) off, where `left` is the part of the price that
it may take from, and f grows with `left` and never faster. So of two ways to buy of some shops, the
one with less to pay, and with less to pay out of the platform coupon's reach, is at least as good
whatever is chosen elsewhere. From shop to shop only those ways are carried on that no other beats
in both, and that can still come to the best price known; there are hardly ever more than a few.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import CouponTerms, Inapplicable, PricedLine
from marketplace.coupons.domain.kinds import CouponKind
from marketplace.reductions.domain.tiers import ReductionTerms
from orders.placement.domain import pricing
from orders.placement.domain.pricing import STACKING, FreightOf, Refused, place_of

LESS_OFF = "COUPON_LESS_OFF"
# Only a basket made for it has more: dozens of shops, each with coupons that trade what the
# platform's coupon can reach for what it cannot. Beyond this the search is no longer exact.
WAYS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Choice:
    """The coupons that make an order cheapest, and why the others are not among them."""

    coupons: tuple[CouponTerms, ...]
    not_used: tuple[Refused, ...]


def best(
    lines: Sequence[PricedLine],
    usable: Sequence[CouponTerms],
    freight_of: FreightOf,
    reductions: Sequence[ReductionTerms] = (),
    chosen: Sequence[CouponTerms] = (),
) -> Choice:
    """Add to the chosen coupons the usable ones with which the order costs least.

    `usable` come in the order in which they run out. Of sets that cost the same the one with the
    fewest coupons is taken, so that none is wasted; of those the one with the coupon that runs out
    first, and so on.
    """
    named = {terms.coupon_reference for terms in chosen}
    free = [terms for terms in usable if terms.coupon_reference not in named]
    if not free:
        return Choice(tuple(chosen), ())
    goods = pricing.discounted(lines, (), reductions).lines
    freight_of = _with_deposits(goods, freight_of)
    fixed: dict[int | None, CouponTerms] = {}
    for terms in pricing.in_pipeline_order(chosen):
        fixed.setdefault(place_of(terms), terms)
    wishes = _Wishes(fixed, free)
    added = _cheapest(goods, _shops(goods, wishes, freight_of), wishes)
    taken = {terms.coupon_reference for terms in added}
    sent = _freight({line.key: line.amount_fen for line in goods}, freight_of)
    return Choice(
        (*chosen, *added),
        tuple(
            _not_used(terms, goods, sent, fixed)
            for terms in free
            if terms.coupon_reference not in taken
        ),
    )


def _with_deposits(goods: Sequence[PricedLine], freight_of: FreightOf) -> FreightOf:
    """Ask for freight as pricing does: what was paid as a deposit counts for free shipping."""
    deposits = {line.key: line.deposit_fen for line in goods if line.deposit_fen}
    return lambda left: freight_of({key: fen + deposits.get(key, 0) for key, fen in left.items()})


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What may stand in each place: the coupon that was chosen, or any of those that are free."""

    fixed: Mapping[int | None, CouponTerms]
    free: Sequence[CouponTerms]

    def at(self, place: int | None) -> Iterable[tuple[CouponTerms | None, int]]:
        """Return what may stand in a place, with what using it wears out of the wallet.

        A coupon fewer always wears less; of as many, those wear less that run out first. The sums
        compare whole sets, and no two sets have the same. What was chosen wears nothing.
        """
        if place in self.fixed:
            return [(self.fixed[place], 0)]
        last = len(self.free) - 1
        found = [
            (terms, 2 ** (last + 1) - 2 ** (last - rank))
            for rank, terms in enumerate(self.free)
            if place_of(terms) == place
        ]
        return [(None, 0), *found]


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to buy of a shop: with which coupon, and what is then to be paid, line by line."""

    terms: CouponTerms | None
    wear: int
    goods: Mapping[str, int]
    freight: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _End:
    """Ways through some shops, added up: `rest_fen` is what a platform coupon cannot reach."""

    paid_fen: int
    rest_fen: int
    wear: int
    coupons: tuple[CouponTerms, ...]

    def and_then(self, other: "_End") -> "_End":
        return _End(
            self.paid_fen + other.paid_fen,
            self.rest_fen + other.rest_fen,
            self.wear + other.wear,
            self.coupons + other.coupons,
        )


_NOTHING = _End(0, 0, 0, ())
# One shop after the other, and the ways to buy of each.
_Stages = Sequence[Sequence[_End]]


@dataclass(frozen=True, slots=True)
class _Platform:
    """A coupon of the platform, or none, before the ways through all shops."""

    terms: CouponTerms | None
    wear: int
    stages: _Stages

    @property
    def coupons(self) -> tuple[CouponTerms, ...]:
        """Return what it takes out of the wallet."""
        return _worn(self.terms, self.wear)

    def price(self, end: _End) -> int:
        """Return what is to be paid at an end; it never falls where either of its sums grows."""
        if self.terms is None:
            return end.paid_fen
        return end.paid_fen - discounts.amount_off(self.terms, end.paid_fen - end.rest_fen)

    def ends(self, known_fen: int | None) -> list[_End]:
        """Return the ends that may cost least, of those that cost no more than what is known."""
        ends = [_NOTHING]
        for stage, least in zip(self.stages, _still_to_come(self.stages), strict=True):
            grown = (end.and_then(way) for end in ends for way in stage)
            ends = _unbeaten(
                end
                for end in grown
                if known_fen is None or self.price(end.and_then(least)) <= known_fen
            )
        return ends

    def careless(self) -> "_Platform":
        """Return the same, whatever it wears out."""
        stages = [[replace(way, wear=0) for way in stage] for stage in self.stages]
        return replace(self, stages=stages)


def _cheapest(
    goods: Sequence[PricedLine], shops: Sequence[Sequence[_Way]], wishes: _Wishes
) -> tuple[CouponTerms, ...]:
    """Return the free coupons of the set that costs least, and of those wears least."""
    options = [
        _Platform(terms, wear, _seen_by(_reach_of(terms, goods), shops))
        for terms, wear in wishes.at(None)
    ]
    # The price first: what wears least is looked for only among what costs that.
    known_fen: int | None = None
    found: tuple[CouponTerms, ...] = ()
    for option in options:
        for end in option.careless().ends(known_fen):
            price_fen = option.price(end)
            if known_fen is None or price_fen < known_fen:
                known_fen, found = price_fen, end.coupons + option.coupons
    finals = {
        end.wear + option.wear: end.coupons + option.coupons
        for option in options
        for end in option.ends(known_fen)
        if option.price(end) == known_fen
    }
    # Where ways were cut off, what was found first stands.
    return finals[min(finals)] if finals else found


def _unbeaten(ends: Iterable[_End]) -> list[_End]:
    """Return the ends that no other beats both in what is paid and in what is out of reach."""
    kept: list[_End] = []
    for end in sorted(ends, key=attrgetter("paid_fen", "wear", "rest_fen")):
        if not kept or (end.rest_fen, end.wear) < (kept[-1].rest_fen, kept[-1].wear):
            kept.append(end)
    step = -(-len(kept) // WAYS_MAX)
    return kept if step <= 1 else [*kept[:-1:step], kept[-1]]


def _still_to_come(stages: _Stages) -> list[_End]:
    """Return, after each stage, the least that all later ones can add to either sum."""
    found = [_NOTHING]
    for stage in reversed(stages):
        paid_fen = min(way.paid_fen for way in stage)
        rest_fen = min(way.rest_fen for way in stage)
        found.append(found[-1].and_then(_End(paid_fen, rest_fen, 0, ())))
    return found[-2::-1]


def _seen_by(reach: Callable[[_Way], int], shops: Sequence[Sequence[_Way]]) -> _Stages:
    def seen(way: _Way) -> _End:
        paid_fen = sum(way.goods.values()) + sum(way.freight.values())
        return _End(paid_fen, paid_fen - reach(way), way.wear, _worn(way.terms, way.wear))

    return [[seen(way) for way in ways] for ways in shops]


def _worn(terms: CouponTerms | None, wear: int) -> tuple[CouponTerms, ...]:
    # What was chosen is there already, and wears nothing.
    return (terms,) if terms is not None and wear else ()


def _reach_of(terms: CouponTerms | None, goods: Sequence[PricedLine]) -> Callable[[_Way], int]:
    """Return how much of a way a platform coupon may take from."""
    if terms is None or discounts.refusal_of(terms, goods) is not None:
        return lambda _: 0
    keys = {goods[place].key for place in discounts.eligible(terms, goods)}
    if terms.kind == CouponKind.FREIGHT:
        return lambda way: sum(fen for key, fen in way.freight.items() if key in keys)
    return lambda way: sum(fen for key, fen in way.goods.items() if key in keys)


def _shops(goods: Sequence[PricedLine], wishes: _Wishes, freight_of: FreightOf) -> list[list[_Way]]:
    by_shop = attrgetter("shop_id")
    return [
        list(_ways(list(lines), wishes.at(shop_id), freight_of))
        for shop_id, lines in groupby(sorted(goods, key=by_shop), by_shop)
    ]


def _ways(
    lines: Sequence[PricedLine],
    wishes: Iterable[tuple[CouponTerms | None, int]],
    freight_of: FreightOf,
) -> Iterable[_Way]:
    plain = {line.key: line.amount_fen for line in lines}
    sent = _freight(plain, freight_of)
    for terms, wear in wishes:
        if terms is None:
            yield _Way(None, 0, plain, sent)
            continue
        less = _alone(terms, lines, sent)
        if isinstance(less, Inapplicable):
            # What was chosen keeps its place even where it takes nothing off.
            if not wear:
                yield _Way(terms, wear, plain, sent)
        elif terms.kind == CouponKind.FREIGHT:
            yield _Way(terms, wear, plain, _without(sent, less))
        else:
            left = _without(plain, less)
            yield _Way(terms, wear, left, _freight(left, freight_of))


def _alone(
    terms: CouponTerms, goods: Sequence[PricedLine], sent: Mapping[str, int]
) -> discounts.Discount | Inapplicable:
    if terms.kind == CouponKind.FREIGHT:
        return discounts.freight_discount_of(terms, goods, sent)
    return discounts.discount_of(terms, goods)


def _without(left: Mapping[str, int], less: discounts.Discount) -> dict[str, int]:
    taken = {key: part.amount_fen for key, part in less.by_line.items()}
    return {key: fen - taken.get(key, 0) for key, fen in left.items()}


def _freight(amounts: Mapping[str, int], freight_of: FreightOf) -> dict[str, int]:
    sent = {key: fen for shop in freight_of(amounts).values() for key, fen in shop.by_line.items()}
    return {key: sent.get(key, 0) for key in amounts}


def _not_used(
    terms: CouponTerms,
    goods: Sequence[PricedLine],
    sent: Mapping[str, int],
    fixed: Mapping[int | None, CouponTerms],
) -> Refused:
    """Return why a coupon is not used: it cannot be, its place is taken, or others save more."""
    alone = _alone(terms, goods, sent)
    if isinstance(alone, Inapplicable):
        return Refused(
            terms.coupon_reference, alone.reason.value, alone.short_fen, alone.short_pieces
        )
    return Refused(terms.coupon_reference, STACKING if place_of(terms) in fixed else LESS_OFF)
