"""What an order costs and why: one pure function for the quote and for the placement.

`activity unit price -> deposit -> shop full reduction -> shop coupon -> platform coupon -> freight`
(`domain.md` 2.1). What each step looks at and takes from:

- Every threshold, a reduction's and a coupon's alike, is tested against the sale price of the goods
  it counts for, before anything is taken off: no discount ever spoils another one's threshold.
- A deposit counts for its worth, which may be more than itself: the shop bears the difference. What
  is paid as a deposit is out of every other discount's reach; the rest is the balance.
- A full reduction takes from, and is shared over, the sale price; a shop coupon what the reduction
  left; the platform's what both left. A percentage is one of what is left when its turn comes.
- Free shipping is tested on what the shop's own discounts left, before the platform's coupon.
- A freight coupon takes from the freight only, the shop's before the platform's.

At most one coupon of each shop and one of the platform, be it for goods or for freight. On every
line `sale = paid + discounts by funder` and `freight fee = freight paid + discounts by funder`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import CouponTerms, Discount, Inapplicable, PricedLine
from marketplace.coupons.domain.kinds import FUNDER_ORDER, CouponKind, Funder, Issuer
from marketplace.reductions.domain import tiers
from marketplace.reductions.domain.tiers import ReductionTerms
from orders.placement.domain.steps import BY_SHOPS, Step

STACKING = "COUPON_STACKING"


@dataclass(frozen=True, slots=True)
class ShopFreight:
    """What sending one shop's goods costs, and each line's share of it: together the whole."""

    fee_fen: int
    by_line: Mapping[str, int]


# What sending costs by shop, given what each line costs after the shops' own discounts.
FreightOf = Callable[[Mapping[str, int]], Mapping[int, ShopFreight]]


@dataclass(frozen=True, slots=True)
class FunderShare:
    """What one funder bears, and from which budget."""

    funder: str
    amount_fen: int
    budget_reference: str | None


@dataclass(frozen=True, slots=True)
class LineOff:
    """What one coupon, or one full reduction of a shop, takes off one line or its freight."""

    step: Step
    amount_fen: int
    funders: tuple[FunderShare, ...]
    coupon_reference: str | None = None
    batch_id: int | None = None
    reduction_reference: str | None = None
    reduction_id: int | None = None


Offs = Mapping[str, tuple[LineOff, ...]]


@dataclass(frozen=True, slots=True)
class LinePrice:
    """One line, from its sale price to what the buyer pays; freight stands beside it.

    `freight_fen` is what the buyer pays of the line's share of the freight, `freight_fee_fen`.
    """

    key: str
    shop_id: int
    quantity: int
    sale_fen: int
    discounts: tuple[LineOff, ...]
    paid_fen: int
    freight_fee_fen: int
    freight_discounts: tuple[LineOff, ...]
    freight_fen: int
    # What of `paid_fen` is due first, as a deposit.
    deposit_fen: int = 0

    def offs(self) -> Iterable[LineOff]:
        """Return everything that is taken off, in the order of the pipeline."""
        return (*self.discounts, *self.freight_discounts)


@dataclass(frozen=True, slots=True)
class ShopPrice:
    """One shop's part; `discount_fen` is taken off its goods, `freight_fen` is what is paid."""

    shop_id: int
    lines: tuple[LinePrice, ...]
    goods_fen: int
    discount_fen: int
    freight_fee_fen: int
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
    """The goods after everything that is taken off them, and before freight.

    `on_freight` are the coupons that wait for it.
    """

    lines: tuple[PricedLine, ...]
    off: Offs
    used: tuple[str, ...]
    refused: tuple[Refused, ...]
    on_freight: tuple[CouponTerms, ...] = ()

    def after_shop_discounts(self) -> dict[str, int]:
        """Return each line's amount before the platform's coupon: what free shipping is tested on.

        The source is `domain.md` 2.6.
        """
        return {
            line.key: line.sale_fen
            - sum(off.amount_fen for off in self.off.get(line.key, ()) if off.step in BY_SHOPS)
            for line in self.lines
        }


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The whole price, explained."""

    shops: tuple[ShopPrice, ...]
    goods_fen: int
    discount_fen: int
    freight_fee_fen: int
    freight_fen: int
    payable_fen: int
    used: tuple[str, ...]
    refused: tuple[Refused, ...]

    @property
    def deposit_fen(self) -> int:
        """Return what of it is due first; nothing where all of it is due at once."""
        return sum(line.deposit_fen for line in self.lines())

    def lines(self) -> Iterable[LinePrice]:
        """Return the lines of all shops."""
        return (line for shop in self.shops for line in shop.lines)


def price(
    lines: Sequence[PricedLine],
    coupons: Sequence[CouponTerms],
    freight_of: FreightOf,
    reductions: Sequence[ReductionTerms] = (),
) -> Breakdown:
    """Price an order: facts in, a breakdown that explains itself out."""
    goods = discounted(lines, coupons, reductions)
    return with_freight(goods, freight_of(goods.after_shop_discounts()))


def discounted(
    lines: Sequence[PricedLine],
    coupons: Sequence[CouponTerms],
    reductions: Sequence[ReductionTerms] = (),
) -> Goods:
    """Take reductions and coupons off the goods; a coupon that cannot be used says why.

    A reduction that does not count for these goods is passed over: nobody chose it. Whichever
    coupons are given, and in which order, the price is the same.
    """
    goods = _less_deposits(lines)
    for reduction in sorted(reductions, key=attrgetter("shop_id", "reduction_id")):
        goods = _reduced_by(goods, reduction)
    taken: set[int | None] = set()
    for terms in in_pipeline_order(coupons):
        if (place := place_of(terms)) in taken:
            refused = Refused(terms.coupon_reference, STACKING)
            goods = replace(goods, refused=(*goods.refused, refused))
            continue
        taken.add(place)
        if terms.kind == CouponKind.FREIGHT:
            goods = replace(goods, on_freight=(*goods.on_freight, terms))
        else:
            goods = _off_goods(goods, terms)
    return goods


def with_freight(goods: Goods, freight: Mapping[int, ShopFreight]) -> Breakdown:
    """Add what sending costs, less what coupons for freight take off it; it belongs to the shop."""
    sent = _Sent.of(goods.lines, freight)
    used, refused = list(goods.used), list(goods.refused)
    for terms in goods.on_freight:
        found = discounts.freight_discount_of(terms, goods.lines, sent.left)
        if isinstance(found, Inapplicable):
            refused.append(_refused(terms, found))
        else:
            used.append(terms.coupon_reference)
            sent = sent.less(terms, found)
    lines = sorted((_line_price(line, goods, sent) for line in goods.lines), key=_by_shop)
    shops = tuple(_shop_price(shop_id, tuple(group)) for shop_id, group in groupby(lines, _by_shop))
    return Breakdown(
        shops=shops,
        goods_fen=sum(shop.goods_fen for shop in shops),
        discount_fen=sum(shop.discount_fen for shop in shops),
        freight_fee_fen=sum(shop.freight_fee_fen for shop in shops),
        freight_fen=sum(shop.freight_fen for shop in shops),
        payable_fen=sum(shop.payable_fen for shop in shops),
        used=tuple(used),
        refused=tuple(refused),
    )


def place_of(terms: CouponTerms) -> int | None:
    """Return where a coupon counts: the shop that issued it, or None for the platform.

    One for freight takes the place of its issuer: "at most one" says nothing of what it is for.
    """
    return terms.issuer_shop_id if terms.issuer == Issuer.SHOP else None


def in_pipeline_order(coupons: Sequence[CouponTerms]) -> list[CouponTerms]:
    """Return shop coupons by shop, then the platform's; within one place always in one order."""
    return sorted(
        coupons,
        key=lambda terms: (
            place_of(terms) is None,
            place_of(terms) or 0,
            terms.coupon_reference,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Sent:
    """The freight of each line, what is left of it to pay, and what was taken off."""

    fees: Mapping[str, int]
    left: Mapping[str, int]
    off: Offs

    @classmethod
    def of(cls, lines: Iterable[PricedLine], freight: Mapping[int, ShopFreight]) -> "_Sent":
        fees = {line.key: 0 for line in lines}
        for shop in freight.values():
            fees |= shop.by_line
        return cls(fees, fees, {})

    def less(self, terms: CouponTerms, found: Discount) -> "_Sent":
        left, off = dict(self.left), dict(self.off)
        for key, part in found.by_line.items():
            left[key] -= part.amount_fen
            off[key] = (*off.get(key, ()), _by_coupon(terms, part))
        return replace(self, left=left, off=off)


def _less_deposits(lines: Sequence[PricedLine]) -> Goods:
    left = tuple(replace(line, amount_fen=line.sale_fen - line.deposit_worth_fen) for line in lines)
    off: dict[str, tuple[LineOff, ...]] = {}
    for line in lines:
        if more_fen := line.deposit_worth_fen - line.deposit_fen:
            borne = FunderShare(Funder.SHOP.value, more_fen, None)
            off[line.key] = (LineOff(Step.DEPOSIT_WORTH, more_fen, (borne,)),)
    return Goods(left, off, (), ())


def _reduced_by(goods: Goods, terms: ReductionTerms) -> Goods:
    found = tiers.discount_of(terms, goods.lines)
    if isinstance(found, Inapplicable):
        return goods
    return _less(goods, found, lambda part: _by_reduction(terms, part))


def _off_goods(goods: Goods, terms: CouponTerms) -> Goods:
    found = discounts.discount_of(terms, goods.lines)
    if isinstance(found, Inapplicable):
        return replace(goods, refused=(*goods.refused, _refused(terms, found)))
    reduced = _less(goods, found, lambda part: _by_coupon(terms, part))
    return replace(reduced, used=(*goods.used, terms.coupon_reference))


def _less(
    goods: Goods, found: Discount, explained: Callable[[discounts.LineDiscount], LineOff]
) -> Goods:
    off = dict(goods.off)
    for key, part in found.by_line.items():
        off[key] = (*off.get(key, ()), explained(part))
    return replace(goods, lines=tuple(_reduced(line, found) for line in goods.lines), off=off)


def _reduced(line: PricedLine, discount: Discount) -> PricedLine:
    part = discount.by_line.get(line.key)
    return replace(line, amount_fen=line.amount_fen - part.amount_fen) if part else line


def _refused(terms: CouponTerms, found: Inapplicable) -> Refused:
    return Refused(terms.coupon_reference, found.reason.value, found.short_fen, found.short_pieces)


def _by_coupon(terms: CouponTerms, part: discounts.LineDiscount) -> LineOff:
    budgets = {funding.funder: funding.budget_reference for funding in terms.funding}
    is_platforms, is_on_freight = place_of(terms) is None, terms.kind == CouponKind.FREIGHT
    if is_platforms:
        step = Step.PLATFORM_FREIGHT if is_on_freight else Step.PLATFORM_COUPON
    else:
        step = Step.SHOP_FREIGHT if is_on_freight else Step.SHOP_COUPON
    return LineOff(
        step=step,
        amount_fen=part.amount_fen,
        funders=_shares(part, budgets),
        coupon_reference=terms.coupon_reference,
        batch_id=terms.batch_id,
    )


def _by_reduction(terms: ReductionTerms, part: discounts.LineDiscount) -> LineOff:
    return LineOff(
        step=Step.SHOP_REDUCTION,
        amount_fen=part.amount_fen,
        funders=_shares(part, {}),
        reduction_reference=terms.reference,
        reduction_id=terms.reduction_id,
    )


def _shares(
    part: discounts.LineDiscount, budgets: Mapping[str, str | None]
) -> tuple[FunderShare, ...]:
    shares = sorted(part.by_funder.items(), key=lambda share: FUNDER_ORDER[share[0]])
    return tuple(FunderShare(funder, fen, budgets.get(funder)) for funder, fen in shares)


def _line_price(line: PricedLine, goods: Goods, sent: _Sent) -> LinePrice:
    return LinePrice(
        key=line.key,
        shop_id=line.shop_id,
        quantity=line.quantity,
        sale_fen=line.sale_fen,
        discounts=goods.off.get(line.key, ()),
        paid_fen=line.amount_fen + line.deposit_fen,
        freight_fee_fen=sent.fees[line.key],
        freight_discounts=sent.off.get(line.key, ()),
        freight_fen=sent.left[line.key],
        deposit_fen=line.deposit_fen,
    )


def _by_shop(line: LinePrice) -> int:
    return line.shop_id


def _shop_price(shop_id: int, lines: tuple[LinePrice, ...]) -> ShopPrice:
    goods_fen = sum(line.sale_fen for line in lines)
    paid_fen = sum(line.paid_fen for line in lines)
    freight_fen = sum(line.freight_fen for line in lines)
    return ShopPrice(
        shop_id=shop_id,
        lines=lines,
        goods_fen=goods_fen,
        discount_fen=goods_fen - paid_fen,
        freight_fee_fen=sum(line.freight_fee_fen for line in lines),
        freight_fen=freight_fen,
        payable_fen=paid_fen + freight_fen,
    )
