"""What an order would cost right now: the facts gathered, then priced by the pure function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import periods
from core.errors import DomainError, InvalidInput
from core.regions.selectors import attribution
from logistics.freight.selectors.quoting import Held
from marketplace.activities.selectors import offers
from marketplace.activities.selectors.offers import Offer, Standing
from marketplace.activities.services.counting import ActivityUserLimit
from marketplace.coupons.domain.discounts import CouponTerms, PricedLine
from marketplace.coupons.domain.kinds import CommitMode, CouponKind
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import redemption
from orders.placement.domain import choosing, pricing, problems
from orders.placement.domain.pricing import Breakdown
from orders.placement.selectors import sending
from shops.catalogue.selectors import sellable
from shops.catalogue.selectors.sellable import SkuFacts

# What the ledger and the payment providers take in one go: 100 billion yuan.
GOODS_FEN_MAX = 10_000_000_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of one SKU."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The price with everything it was made from, and what stands in the way of ordering."""

    price: Breakdown
    goods: Mapping[str, SkuFacts]
    sections: Mapping[int, Sequence[int]]
    programmes: Mapping[str, Sequence[str]]
    # The activity that a SKU is sold in, by the SKU's reference; none is the ordinary price.
    offers: Mapping[str, Offer]
    problems: tuple[DomainError, ...]
    # What comes later than usual, by shop.
    delays: Mapping[str, Held]
    # The hours within which each shop ships, by its id.
    promises: Mapping[int, int]
    # The pairing that goods of a county count for, by county.
    pairings: Mapping[str, int]
    # Whether a coupon for new users is among those used.
    is_as_newcomer: bool = False
    # Why coupons that could be used are not among the best; nothing where these were not asked for.
    not_used: tuple[DomainError, ...] = ()
    # The coupons used, as far as their money is set aside only now.
    money_at_use: tuple[CouponTerms, ...] = ()


@dataclass(frozen=True, slots=True)
class Coupons:
    """Which coupons somebody wants to use, and whether the best of the others join them.

    `batches` are tried as if they had been claimed; nobody orders with them.
    """

    chosen: Sequence[UUID] = ()
    is_best: bool = False
    batches: Sequence[UUID] = ()


def quote(
    *,
    buyer_id: int,
    wanted: Sequence[Wanted],
    region: str,
    coupons: Coupons,
    now: datetime,
    activity: UUID | None = None,
) -> Quote:
    """Price what somebody wants, sent to a county; problems are listed, not raised.

    Goods that are not on sale are left out of the price. A flash sale or a campaign price applies
    by itself while it runs; a group buy or a pre-sale only when it is the `activity` asked for.

    Raises:
        NotFound: one of the chosen coupons is somebody else's.
        InvalidInput: the goods cost more than anybody can pay at once.
    """
    found = {facts.sku_reference: facts for facts in sellable.skus([want.sku for want in wanted])}
    offered = [want for want in wanted if want.sku in found and found[want.sku].is_on_sale]
    goods = {want.sku: found[want.sku] for want in offered}
    standing = offers.standing(
        [facts.product_id for facts in goods.values()],
        [facts.sku_id for facts in goods.values()],
        shop_ids={facts.shop_id for facts in goods.values()},
        now=now,
        wanted=activity,
        buyer_id=buyer_id,
    )
    day = periods.local_day(now)
    counts = attribution.of_sale(
        {facts.origin_county for facts in goods.values()}, to=region, on=day
    )
    lines = [_line(want, goods[want.sku], standing, counts.programmes) for want in offered]
    if sum(line.sale_fen for line in lines) > GOODS_FEN_MAX:
        raise InvalidInput.at("/lines", "TOO_LARGE", str(GOODS_FEN_MAX))
    held, chosen, unusable = _terms(buyer_id, lines, coupons, now)
    quantities = {want.sku: want.quantity for want in offered}
    sent = sending.rated(quantities, goods, region=region, now=now)
    choice = choosing.best(lines, held, sent.fees, standing.reductions, chosen)
    discounted = pricing.discounted(lines, choice.coupons, standing.reductions)
    charged = sent.charges(discounted.after_shop_discounts())
    price = pricing.with_freight(discounted, sending.fees(charged))
    return Quote(
        price=price,
        goods=goods,
        sections=standing.sections,
        programmes=counts.programmes,
        pairings=counts.pairings,
        offers={sku: at for sku, facts in goods.items() if (at := _offer(facts, standing))},
        is_as_newcomer=any(
            one.kind == CouponKind.NEW_USER and one.coupon_reference in price.used
            for one in choice.coupons
        ),
        money_at_use=tuple(
            one
            for one in choice.coupons
            if one.commit_mode == CommitMode.AT_USE and one.coupon_reference in price.used
        ),
        problems=(
            *_missing(wanted, goods, standing),
            *_outside(wanted, goods, standing, activity),
            *sending.problems_of(charged, goods.values(), region),
            *unusable,
            *map(problems.of_coupon, price.refused),
        ),
        delays=sending.delays(charged, goods.values()),
        promises=sending.promises(charged),
        not_used=tuple(map(problems.of_coupon, choice.not_used)),
    )


def _line(
    want: Wanted,
    facts: SkuFacts,
    standing: Standing,
    in_programmes: Mapping[str, Sequence[str]],
) -> PricedLine:
    offer = _offer(facts, standing)
    sale_fen = (offer.unit_price_fen if offer else facts.price_fen) * want.quantity
    origins = (facts.origin_county, facts.origin_prefecture, facts.origin_province)
    return PricedLine(
        key=want.sku,
        shop_id=facts.shop_id,
        sku_id=facts.sku_id,
        product_id=facts.product_id,
        category_path=facts.category_path,
        origin_codes=tuple(code for code in origins if code),
        section_ids=tuple(standing.sections.get(facts.product_id, ())),
        programmes=tuple(in_programmes.get(facts.origin_county, ())),
        amount_fen=sale_fen,
        sale_fen=sale_fen,
        quantity=want.quantity,
        is_on_activity_price=offer is not None,
        deposit_fen=((offer and offer.deposit_fen) or 0) * want.quantity,
        deposit_worth_fen=((offer and offer.deposit_worth_fen) or 0) * want.quantity,
    )


def _offer(facts: SkuFacts, standing: Standing) -> Offer | None:
    return standing.offers.get(facts.sku_id)


def _terms(
    buyer_id: int, lines: Sequence[PricedLine], coupons: Coupons, now: datetime
) -> tuple[list[CouponTerms], list[CouponTerms], list[DomainError]]:
    """Return what could be used, what was chosen of it, and why the rest cannot be used."""
    among = wallet.Among({line.shop_id for line in lines}, {line.product_id for line in lines})
    held = wallet.usable_terms(buyer_id, now, among=among) if coupons.is_best else []
    known = {terms.coupon_reference: terms for terms in held}
    others = [str(coupon) for coupon in coupons.chosen if str(coupon) not in known]
    unusable: list[DomainError] = []
    for owned in wallet.terms_of(buyer_id, others, now, among=among):
        refusal = redemption.refusal_of(owned, now)
        if refusal is None:
            known[owned.reference] = owned.terms
        else:
            unusable.append(refusal)
    chosen = [known[str(coupon)] for coupon in coupons.chosen if str(coupon) in known]
    if coupons.batches:
        chosen += wallet.terms_if_claimed(coupons.batches, now, among=among)
    return held, chosen, unusable


def _missing(
    wanted: Sequence[Wanted], goods: Mapping[str, SkuFacts], standing: Standing
) -> list[DomainError]:
    found: list[DomainError] = []
    gone = [want.sku for want in wanted if want.sku not in goods]
    if gone:
        found.append(problems.NotOnSale(skus=gone))
    for want in wanted:
        if want.sku in goods:
            facts = goods[want.sku]
            offer = _offer(facts, standing)
            available = offer.left if offer else facts.available
            if available < want.quantity:
                found.append(
                    problems.OutOfStock(sku=want.sku, asked=want.quantity, available=available)
                )
    return found


def _outside(
    wanted: Sequence[Wanted],
    goods: Mapping[str, SkuFacts],
    standing: Standing,
    activity: UUID | None,
) -> list[DomainError]:
    """Return what an activity does not allow: too many for one person, or none at all now."""
    found: list[DomainError] = []
    asked_for = None if activity is None else str(activity)
    offers_there = {offer.activity_reference for offer in standing.offers.values()}
    if asked_for is not None and asked_for not in offers_there:
        found.append(problems.ActivityNotRunning(activity=asked_for))
    for want in wanted:
        offer = _offer(goods[want.sku], standing) if want.sku in goods else None
        if offer is None or offer.per_user_limit is None:
            continue
        if offer.bought + want.quantity > offer.per_user_limit:
            found.append(
                ActivityUserLimit(
                    activities=[offer.activity_reference],
                    limit=offer.per_user_limit,
                    bought=offer.bought,
                )
            )
    return found
