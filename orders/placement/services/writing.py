"""Writing an order down: its rows, with everything that is ever asked about them frozen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from core.accounts.selectors.addresses import AddressFacts
from core.audit.actors import Actor
from core.audit.advancing import log_births
from core.transactions import needs_transaction
from marketplace.activities.domain.kinds import ActivityKind
from orders.baskets.selectors.baskets import BasketFacts
from orders.placement.domain import numbers
from orders.placement.domain.states import (
    ORDER,
    SHOP_ORDER,
    OrderState,
    ShopOrderState,
    WaitsFor,
)
from orders.placement.models import Order, OrderLine, ShopOrder
from orders.placement.selectors.quotes import Quote
from orders.placement.services import numbering
from shops.catalogue.selectors.sellable import SkuFacts

HOURS_TO_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Ordered:
    """Who orders, where to, and from which basket."""

    buyer_id: int
    address: AddressFacts
    remark: str = ""
    basket: BasketFacts | None = None
    waits_for: WaitsFor = WaitsFor.NOTHING


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was just written, with its parts and the price it was written from."""

    order: Order
    shop_orders: Sequence[ShopOrder]
    lines: Sequence[OrderLine]
    quote: Quote


@needs_transaction
def write(ordered: Ordered, quote: Quote, *, actor: Actor, now: datetime) -> Placed:
    """Insert an order with its parts, lines and everything that is frozen on them."""
    order = _order(ordered, quote, now)
    order.save(force_insert=True)
    shop_orders = ShopOrder.objects.bulk_create(_shop_orders(order, quote))
    lines = OrderLine.objects.bulk_create(_lines(shop_orders, quote, actor))
    keys = [line.key for line in quote.price.lines()]
    _freeze(dict(zip(keys, lines, strict=True)), quote)
    born = [
        (ORDER, order.pk, OrderState.PENDING_PAYMENT),
        *((SHOP_ORDER, part.pk, ShopOrderState.PENDING_PAYMENT) for part in shop_orders),
    ]
    log_births(born, actor=actor, now=now)
    return Placed(order, shop_orders, lines, quote)


def _order(ordered: Ordered, quote: Quote, now: datetime) -> Order:
    pay_before = now + timedelta(minutes=_minutes_to_pay(quote))
    address, basket = ordered.address, ordered.basket
    return Order(
        number=numbering.next_number(),
        buyer_id=ordered.buyer_id,
        basket_id=basket.id if basket else None,
        basket_version=basket.version if basket else None,
        waits_for=ordered.waits_for,
        goods_fen=quote.price.goods_fen,
        discount_fen=quote.price.discount_fen,
        freight_fen=quote.price.freight_fen,
        payable_fen=quote.price.payable_fen,
        recipient=address.recipient,
        phone=address.phone,
        street=address.street,
        region=address.region,
        remark=ordered.remark,
        placed_at=now,
        pay_before=pay_before,
        next_attempt_at=pay_before,
    )


def _minutes_to_pay(quote: Quote) -> int:
    # What a crowd waits for is not kept aside for long.
    if any(offer.kind == ActivityKind.FLASH for offer in quote.offers.values()):
        return min(settings.MARKETPLACE_FLASH_UNPAID_MINUTES, settings.MARKETPLACE_UNPAID_MINUTES)
    return settings.MARKETPLACE_UNPAID_MINUTES


def _shop_orders(order: Order, quote: Quote) -> Iterable[ShopOrder]:
    for place, shop in enumerate(quote.price.shops, start=1):
        goods = [quote.goods[line.key] for line in shop.lines]
        yield ShopOrder(
            number=numbers.part_of(order.number, place),
            order=order,
            shop_id=shop.shop_id,
            fulfilment=goods[0].shop_fulfilment,
            commission_bp=goods[0].commission_bp,
            confirm_minutes=_confirm_minutes(goods),
            goods_fen=shop.goods_fen,
            discount_fen=shop.discount_fen,
            freight_fen=shop.freight_fen,
            payable_fen=shop.payable_fen,
            placed_at=order.placed_at,
        )


def _confirm_minutes(goods: Iterable[SkuFacts]) -> int:
    # Where fresh and lasting goods come together the buyer has the longer time to object.
    hours = max(facts.auto_confirm_hours for facts in goods)
    return min(hours * HOURS_TO_MINUTES, settings.MARKETPLACE_CONFIRM_MINUTES_MAX)


def _lines(shop_orders: Sequence[ShopOrder], quote: Quote, actor: Actor) -> Iterable[OrderLine]:
    acted_by_id = actor.user_id if actor.on_behalf_of_id else None
    for shop_order, shop in zip(shop_orders, quote.price.shops, strict=True):
        for position, line in enumerate(shop.lines, start=1):
            facts = quote.goods[line.key]
            offer = quote.offers.get(line.key)
            yield OrderLine(
                shop_order=shop_order,
                position=position,
                sku_id=facts.sku_id,
                product_id=facts.product_id,
                quantity=line.quantity,
                unit_price_fen=offer.unit_price_fen if offer else facts.price_fen,
                list_price_fen=facts.price_fen,
                activity_reference=offer.activity_reference if offer else None,
                activity_kind=offer.kind if offer else "",
                sale_fen=line.sale_fen,
                paid_fen=line.paid_fen,
                freight_fee_fen=line.freight_fee_fen,
                freight_fen=line.freight_fen,
                title=facts.title,
                spec=facts.spec,
                product_class=facts.product_class,
                temp_class=facts.temp_class,
                net_weight_g=facts.net_weight_g * line.quantity,
                gross_weight_g=facts.gross_weight_g * line.quantity,
                shop_id=facts.shop_id,
                category_id=facts.category_id,
                origin_county=facts.origin_county,
                origin_prefecture=facts.origin_prefecture,
                origin_province=facts.origin_province,
                pairing_id=quote.pairings.get(facts.origin_county),
                acted_by_id=acted_by_id,
            )


# What is frozen on the lines, in one statement: three small inserts cost little more than one.
_FREEZE = """
    WITH programmes AS (
        INSERT INTO placement_lineprogramme (line_id, slug)
        SELECT * FROM unnest(%(programme_lines)s::bigint[], %(programmes)s::text[])
    ), sections AS (
        INSERT INTO placement_linesection (line_id, section_id)
        SELECT * FROM unnest(%(section_lines)s::bigint[], %(sections)s::bigint[])
    )
    INSERT INTO placement_linediscount
        (line_id, kind, coupon_reference, batch_id, reduction_id, funder, budget_reference,
         amount_fen)
    SELECT * FROM unnest(%(discount_lines)s::bigint[], %(kinds)s::text[], %(coupons)s::uuid[],
        %(batches)s::bigint[], %(reductions)s::bigint[], %(funders)s::text[], %(budgets)s::uuid[],
        %(amounts)s::bigint[])
"""


def _freeze(lines: Mapping[str, OrderLine], quote: Quote) -> None:
    programmes = [
        (line.pk, slug)
        for line in lines.values()
        for slug in quote.programmes.get(line.origin_county, ())
    ]
    sections = [
        (line.pk, section_id)
        for line in lines.values()
        for section_id in quote.sections.get(line.product_id, ())
    ]
    shares = [
        (lines[price.key].pk, off, share)
        for price in quote.price.lines()
        for off in price.offs()
        for share in off.funders
    ]
    given: dict[str, Any] = {
        "programme_lines": [line for line, _ in programmes],
        "programmes": [slug for _, slug in programmes],
        "section_lines": [line for line, _ in sections],
        "sections": [section_id for _, section_id in sections],
        "discount_lines": [line for line, _, _ in shares],
        "kinds": [off.step.value for _, off, _ in shares],
        "coupons": [off.coupon_reference for _, off, _ in shares],
        "batches": [off.batch_id for _, off, _ in shares],
        "reductions": [off.reduction_id for _, off, _ in shares],
        "funders": [str(share.funder) for _, _, share in shares],
        "budgets": [share.budget_reference for _, _, share in shares],
        "amounts": [share.amount_fen for _, _, share in shares],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE, given)
