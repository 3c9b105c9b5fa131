"""What an order costs and why: one pure function for the quote and for the placement.

`list price -> shop coupon -> platform coupon -> freight` (`domain.md` 2.1). At most one coupon of
each shop and one of the platform; on every line `sale = paid + sum of its discounts by funder`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter, itemgetter

from django.db.models import TextChoices

from core.http.enums import offered
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import CouponTerms, Discount, Inapplicable, PricedLine
from marketplace.coupons.domain.kinds import FUNDER_ORDER, Issuer

STACKING = "COUPON_STACKING"


@offered
class Step(TextChoices):
    """The steps of the price pipeline that take something off."""

    SHOP_COUPON = "SHOP_COUPON", "Shop coupon|店铺券"
    PLATFORM_COUPON = "PLATFORM_COUPON", "Platform coupon|平台券"


@dataclass(frozen=True, slots=True)
class ShopFreight:
    """What sending one shop's goods costs, and each line's share of it."""

    fee_fen: int
    by_line: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FunderShare:
    """What one funder bears, and from which budget."""

    funder: str
    amount_fen: int
    budget_reference: str | None


@dataclass(frozen=True, slots=True)
class LineOff:
    """What one coupon takes off one line."""

    step: Step
    coupon_reference: str
    batch_id: int
    amount_fen: int
    funders: tuple[FunderShare, ...]


@dataclass(frozen=True, slots=True)
class LinePrice:
    """One line, from its sale price to what the buyer pays; freight stands beside it."""

    key: str
    shop_id: int
    quantity: int
    sale_fen: int
    discounts: tuple[LineOff, ...]
    paid_fen: int
    freight_fen: int


@dataclass(frozen=True, slots=True)
class ShopPrice:
    """One shop's part."""

    shop_id: int
    lines: tuple[LinePrice, ...]
    goods_fen: int
    discount_fen: int
    freight_fen: int
    payable_fen: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A coupon that takes nothing off, and why."""

    coupon_reference: str
    code: str
    short_fen: int = 0
    short_pieces: int = 0


@dataclass(frozen=True, slots=True)
class Goods:
    """The goods after coupons and before freight."""

    lines: tuple[PricedLine, ...]
    off: Mapping[str, tuple[LineOff, ...]]
    used: tuple[str, ...]
    refused: tuple[Refused, ...]

    def after_shop_coupons(self) -> dict[str, int]:
        """Return each line's amount before the platform's coupon: what free shipping is tested on.

        The source is `domain.md` 2.6.
        """
        return {
            line.key: line.sale_fen
            - sum(
                off.amount_fen for off in self.off.get(line.key, ()) if off.step == Step.SHOP_COUPON
            )
            for line in self.lines
        }


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The whole price, explained."""

    shops: tuple[ShopPrice, ...]
    goods_fen: int
    discount_fen: int
    freight_fen: int
    payable_fen: int
    used: tuple[str, ...]
    refused: tuple[Refused, ...]

    def lines(self) -> Iterable[LinePrice]:
        """Return the lines of all shops."""
        return (line for shop in self.shops for line in shop.lines)


def price(
    lines: Sequence[PricedLine],
    coupons: Sequence[CouponTerms],
    freight: Mapping[int, ShopFreight],
) -> Breakdown:
    """Price an order: facts in, a breakdown that explains itself out."""
    return with_freight(discounted(lines, coupons), freight)


def discounted(lines: Sequence[PricedLine], coupons: Sequence[CouponTerms]) -> Goods:
    """Take the coupons off the goods, step by step; a coupon that cannot be used says why."""
    goods = Goods(tuple(replace(line, amount_fen=line.sale_fen) for line in lines), {}, (), ())
    taken: set[int | None] = set()
    for terms in in_pipeline_order(coupons):
        if (place := place_of(terms)) in taken:
            refused = Refused(terms.coupon_reference, STACKING)
            goods = replace(goods, refused=(*goods.refused, refused))
            continue
        taken.add(place)
        goods = _apply(goods, terms)
    return goods


def best_coupons(
    lines: Sequence[PricedLine], coupons: Sequence[CouponTerms], chosen: Sequence[CouponTerms] = ()
) -> list[CouponTerms]:
    """Add to the chosen coupons the one of each shop and of the platform that takes most off.

    Step by step in pipeline order; of equals the first one given.
    """
    best = list(chosen)
    occupied = {place_of(terms) for terms in chosen}
    free = [terms for terms in in_pipeline_order(coupons) if place_of(terms) not in occupied]
    for _, rivals in groupby(free, key=place_of):
        offers = [(_left_by(lines, [*best, rival]), rival) for rival in rivals]
        left_fen, winner = min(offers, key=itemgetter(0))
        if left_fen < _left_by(lines, best):
            best.append(winner)
    return best


def with_freight(goods: Goods, freight: Mapping[int, ShopFreight]) -> Breakdown:
    """Add what sending costs; freight belongs to the shop and takes no discount."""
    lines = sorted(
        (_line_price(line, goods, freight.get(line.shop_id)) for line in goods.lines),
        key=attrgetter("shop_id"),
    )
    shops = tuple(
        _shop_price(shop_id, tuple(group), freight.get(shop_id))
        for shop_id, group in groupby(lines, key=attrgetter("shop_id"))
    )
    return Breakdown(
        shops=shops,
        goods_fen=sum(shop.goods_fen for shop in shops),
        discount_fen=sum(shop.discount_fen for shop in shops),
        freight_fen=sum(shop.freight_fen for shop in shops),
        payable_fen=sum(shop.payable_fen for shop in shops),
        used=goods.used,
        refused=goods.refused,
    )


def place_of(terms: CouponTerms) -> int | None:
    """Return where a coupon counts: the shop that issued it, or None for the platform."""
    return terms.issuer_shop_id if terms.issuer == Issuer.SHOP else None


def in_pipeline_order(coupons: Sequence[CouponTerms]) -> list[CouponTerms]:
    """Return shop coupons by shop, then the platform's; within one place as they were given."""
    return sorted(coupons, key=lambda terms: (place_of(terms) is None, place_of(terms) or 0))


def _left_by(lines: Sequence[PricedLine], coupons: Sequence[CouponTerms]) -> int:
    return sum(line.amount_fen for line in discounted(lines, coupons).lines)


def _apply(goods: Goods, terms: CouponTerms) -> Goods:
    found = discounts.discount_of(terms, goods.lines)
    if isinstance(found, Inapplicable):
        reason = Refused(
            terms.coupon_reference, found.reason.value, found.short_fen, found.short_pieces
        )
        return replace(goods, refused=(*goods.refused, reason))
    off = dict(goods.off)
    for key, part in found.by_line.items():
        off[key] = (*off.get(key, ()), _line_off(terms, part))
    return replace(
        goods,
        lines=tuple(_reduced(line, found) for line in goods.lines),
        off=off,
        used=(*goods.used, terms.coupon_reference),
    )


def _reduced(line: PricedLine, discount: Discount) -> PricedLine:
    part = discount.by_line.get(line.key)
    return replace(line, amount_fen=line.amount_fen - part.amount_fen) if part else line


def _line_off(terms: CouponTerms, part: discounts.LineDiscount) -> LineOff:
    budgets = {funding.funder: funding.budget_reference for funding in terms.funding}
    shares = sorted(part.by_funder.items(), key=lambda share: FUNDER_ORDER[share[0]])
    return LineOff(
        step=Step.PLATFORM_COUPON if place_of(terms) is None else Step.SHOP_COUPON,
        coupon_reference=terms.coupon_reference,
        batch_id=terms.batch_id,
        amount_fen=part.amount_fen,
        funders=tuple(FunderShare(funder, fen, budgets.get(funder)) for funder, fen in shares),
    )


def _line_price(line: PricedLine, goods: Goods, freight: ShopFreight | None) -> LinePrice:
    return LinePrice(
        key=line.key,
        shop_id=line.shop_id,
        quantity=line.quantity,
        sale_fen=line.sale_fen,
        discounts=goods.off.get(line.key, ()),
        paid_fen=line.amount_fen,
        freight_fen=freight.by_line.get(line.key, 0) if freight else 0,
    )


def _shop_price(
    shop_id: int, lines: tuple[LinePrice, ...], freight: ShopFreight | None
) -> ShopPrice:
    goods_fen = sum(line.sale_fen for line in lines)
    paid_fen = sum(line.paid_fen for line in lines)
    freight_fen = freight.fee_fen if freight else 0
    return ShopPrice(
        shop_id=shop_id,
        lines=lines,
        goods_fen=goods_fen,
        discount_fen=goods_fen - paid_fen,
        freight_fen=freight_fen,
        payable_fen=paid_fen + freight_fen,
    )
