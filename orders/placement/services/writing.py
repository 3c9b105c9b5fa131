"""Writing an order down: its rows, with everything that is ever asked about them frozen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import connection

from core.accounts.selectors.addresses import AddressFacts
from core.audit.actors import Actor
from core.audit.advancing import birth, births_of
from core.postgres.recording import as_json, columns_of, record
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
class Window:
    """When the balance is due: `[opens_at, closes_at)`."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Ordered:
    """Who orders, where to, and from which basket."""

    buyer_id: int
    address: AddressFacts
    remark: str = ""
    basket: BasketFacts | None = None
    waits_for: WaitsFor = WaitsFor.NOTHING
    balance: Window | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was just written, with its parts and the price it was written from."""

    order: Order
    shop_orders: Sequence[ShopOrder]
    lines: Sequence[OrderLine]
    quote: Quote


@needs_transaction
def write(ordered: Ordered, quote: Quote, *, actor: Actor, now: datetime) -> Placed:
    """Insert an order with its parts, lines and everything that is frozen on them at once."""
    order = _order(ordered, quote, now)
    shop_orders = list(_shop_orders(order, quote))
    lines = list(_lines(shop_orders, quote, actor))
    keys = [line.key for line in quote.price.lines()]
    said = {
        "order": orjson.dumps(record(order)).decode(),
        "parts": as_json(shop_orders),
        "lines": _with_their_part(lines),
        **_frozen(dict(zip(keys, lines, strict=True)), quote),
        **birth(actor=actor, now=now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, said)
        order.pk, parts, goods = cursor.fetchone()
    for rows, written in ((shop_orders, parts), (lines, goods)):
        ids = orjson.loads(written)
        for row in rows:
            row.pk = ids[str(row.reference)]
    for part in shop_orders:
        part.order_id = order.pk
    for line in lines:
        line.shop_order_id = line.shop_order.pk
    return Placed(order, shop_orders, lines, quote)


_BORN = f"""
    SELECT '{ORDER.subject}', id, '{OrderState.PENDING_PAYMENT}' FROM the_order UNION ALL
    SELECT '{SHOP_ORDER.subject}', id, '{ShopOrderState.PENDING_PAYMENT}' FROM part
"""  # noqa: S608 - put together from our own names.
# Everything that an order is, in one statement: each table waits for the keys of the one above it,
# and the lives of the order and of its parts begin with it. Rows are written in the order they
# were given, so that ids follow positions.
_WRITE = f"""
    WITH the_order AS (
        INSERT INTO placement_order ({columns_of(Order)})
        SELECT {columns_of(Order)}
        FROM json_populate_record(NULL::placement_order, %(order)s::json)
        RETURNING id
    ), part AS (
        INSERT INTO placement_shoporder (order_id, {columns_of(ShopOrder, without=("order_id",))})
        SELECT the_order.id, {columns_of(ShopOrder, without=("order_id",), of="said")}
        FROM the_order CROSS JOIN
            json_populate_recordset(NULL::placement_shoporder, %(parts)s::json) AS said
        ORDER BY said.number
        RETURNING id, reference
    ), line AS (
        INSERT INTO placement_orderline
            (shop_order_id, {columns_of(OrderLine, without=("shop_order_id",))})
        SELECT part.id, {columns_of(OrderLine, without=("shop_order_id",), of="said")}
        FROM json_array_elements(%(lines)s::json) WITH ORDINALITY AS given (line, place)
        CROSS JOIN LATERAL json_populate_record(NULL::placement_orderline, given.line) AS said
        JOIN part ON part.reference = (given.line ->> 'part')::uuid
        ORDER BY given.place
        RETURNING id, reference
    ), programmes AS (
        INSERT INTO placement_lineprogramme (line_id, slug)
        SELECT line.id, said.slug
        FROM json_to_recordset(%(programmes)s::json) AS said (line uuid, slug text)
        JOIN line ON line.reference = said.line
    ), sections AS (
        INSERT INTO placement_linesection (line_id, section_id)
        SELECT line.id, said.section
        FROM json_to_recordset(%(sections)s::json) AS said (line uuid, section bigint)
        JOIN line ON line.reference = said.line
    ), discounts AS (
        INSERT INTO placement_linediscount (line_id, kind, coupon_reference, batch_id,
            reduction_id, funder, budget_reference, amount_fen)
        SELECT line.id, said.kind, said.coupon, said.batch, said.reduction, said.funder,
            said.budget, said.amount_fen
        FROM ROWS FROM (
            json_to_recordset(%(discounts)s::json) AS (line uuid, kind text, coupon uuid,
                batch bigint, reduction bigint, funder text, budget uuid, amount_fen bigint)
        ) WITH ORDINALITY AS said (line, kind, coupon, batch, reduction, funder, budget,
            amount_fen, place)
        JOIN line ON line.reference = said.line
        ORDER BY said.place
    ), lives AS (
        {births_of(_BORN)}
    )
    SELECT the_order.id, (SELECT json_object_agg(reference, id)::text FROM part),
        (SELECT json_object_agg(reference, id)::text FROM line)
    FROM the_order
"""  # noqa: S608 - put together from the names of our own tables, columns and states.


def _with_their_part(lines: Sequence[OrderLine]) -> str:
    return orjson.dumps(
        [{**record(line), "part": line.shop_order.reference} for line in lines]
    ).decode()


def _frozen(lines: Mapping[str, OrderLine], quote: Quote) -> dict[str, str]:
    """Return what is frozen beside the lines, each by the line's reference."""
    frozen: dict[str, list[dict[str, Any]]] = {
        "programmes": [
            {"line": line.reference, "slug": slug}
            for line in lines.values()
            for slug in quote.programmes.get(line.origin_county, ())
        ],
        "sections": [
            {"line": line.reference, "section": section_id}
            for line in lines.values()
            for section_id in quote.sections.get(line.product_id, ())
        ],
        "discounts": [
            {
                "line": lines[price.key].reference,
                "kind": off.step.value,
                "coupon": off.coupon_reference,
                "batch": off.batch_id,
                "reduction": off.reduction_id,
                "funder": str(share.funder),
                "budget": share.budget_reference,
                "amount_fen": share.amount_fen,
            }
            for price in quote.price.lines()
            for off in price.offs()
            for share in off.funders
        ],
    }
    return {name: orjson.dumps(rows).decode() for name, rows in frozen.items()}


def _order(ordered: Ordered, quote: Quote, now: datetime) -> Order:
    pay_before = now + timedelta(minutes=_minutes_to_pay(quote))
    address, basket, balance = ordered.address, ordered.basket, ordered.balance
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
        deposit_fen=quote.price.deposit_fen,
        balance_from=balance.opens_at if balance else None,
        balance_until=balance.closes_at if balance else None,
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
            promise_hours=quote.promises[shop.shop_id],
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
                campaign_reference=offer.campaign_reference if offer else None,
                sale_fen=line.sale_fen,
                paid_fen=line.paid_fen,
                deposit_fen=line.deposit_fen,
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
