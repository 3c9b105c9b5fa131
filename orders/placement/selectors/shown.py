"""Prices and orders as the API says them, the same for the quote, the placement and the lists."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from marketplace.activities.selectors.offers import Offer
from orders.placement.domain import actions
from orders.placement.domain.pricing import LineOff, LinePrice, ShopPrice
from orders.placement.domain.steps import ON_FREIGHT, ON_GOODS, ORDER
from orders.placement.models import LineDiscount, Order, OrderLine, ShopOrder
from orders.placement.selectors import promises
from orders.placement.selectors.promises import Deadlines
from orders.placement.selectors.quotes import Quote
from shops.catalogue.selectors.sellable import SkuFacts

Shown = dict[str, Any]


def price_of(quote: Quote) -> Shown:
    """Return the whole breakdown, shop by shop and line by line."""
    price = quote.price
    return {
        "shops": [shop_price_of(shop, quote) for shop in price.shops],
        "goods_fen": price.goods_fen,
        "freight_fee_fen": price.freight_fee_fen,
        "freight_fen": price.freight_fen,
        "discount_fen": price.discount_fen,
        "payable_fen": price.payable_fen,
        "deposit_fen": price.deposit_fen,
        "balance_fen": price.payable_fen - price.deposit_fen,
        "coupons": list(price.used),
        "delays": [
            {"shop": shop, "region": hold.region, "until": hold.until, "reason": hold.reason}
            for shop, hold in quote.delays.items()
        ],
    }


def shop_price_of(shop: ShopPrice, quote: Quote) -> Shown:
    """Return one shop's part of a breakdown."""
    facts = quote.goods[shop.lines[0].key]
    return {
        "shop": _shop(facts.shop_reference, facts.shop_slug, facts.shop_name),
        "lines": [
            _line_price(line, quote.goods[line.key], quote.offers.get(line.key))
            for line in shop.lines
        ],
        "goods_fen": shop.goods_fen,
        "freight_fee_fen": shop.freight_fee_fen,
        "freight_fen": shop.freight_fen,
        "discount_fen": shop.discount_fen,
        "payable_fen": shop.payable_fen,
    }


def placed_order_of(
    order: Order, shop_orders: Sequence[ShopOrder], lines: Sequence[OrderLine], quote: Quote
) -> Shown:
    """Return an order that was just written, from what is at hand."""
    references = iter(line.reference for line in lines)
    deadlines = promises.deadlines(shop_orders, lines)
    parts = []
    for part, shop in zip(shop_orders, quote.price.shops, strict=True):
        price = shop_price_of(shop, quote)
        price["lines"] = [{"id": next(references)} | line for line in price["lines"]]
        parts.append(_part(part, deadlines) | price)
    return _order(order, parts)


def order_of(order: Order, deadlines: Deadlines, now: datetime) -> Shown:
    """Return a stored order with all that belongs to it; parts and lines are at hand."""
    parts = [shop_order_of(part, deadlines) for part in order.shop_orders.all()]
    address = {
        "recipient": order.recipient,
        "phone": order.phone,
        "region": order.region,
        "street": order.street,
    }
    shown = _order(order, parts)
    if order.balance_from is not None and now < order.balance_from and order.deposit_paid_at:
        shown["allowed_actions"] = [name for name in shown["allowed_actions"] if name != "pay"]
    return shown | {
        "address": address,
        "remark": order.remark,
        "server_time": now,
    }


def shop_order_of(part: ShopOrder, deadlines: Deadlines) -> Shown:
    """Return one stored part with its lines."""
    lines = [_line(line) for line in part.lines.all()]
    return _part(part, deadlines) | {
        "shop": _shop(str(part.shop.reference), part.shop.slug, part.shop.name),
        "lines": lines,
        "goods_fen": part.goods_fen,
        "freight_fee_fen": _freight_fee_of(lines),
        "freight_fen": part.freight_fen,
        "discount_fen": part.discount_fen,
        "payable_fen": part.payable_fen,
    }


def _order(order: Order, parts: list[Shown]) -> Shown:
    return {
        "id": order.reference,
        "number": order.number,
        "state": order.state,
        "goods_fen": order.goods_fen,
        "freight_fee_fen": _freight_fee_of(parts),
        "freight_fen": order.freight_fen,
        "discount_fen": order.discount_fen,
        "payable_fen": order.payable_fen,
        "deposit": _deposit(order),
        "placed_at": order.placed_at,
        "pay_before": order.pay_before,
        "paid_at": order.paid_at,
        "cancelled_at": order.cancelled_at,
        "completed_at": order.completed_at,
        "closed_at": order.closed_at,
        "allowed_actions": actions.of_buyer(order.state, [part["state"] for part in parts]),
        "shop_orders": parts,
    }


def _deposit(order: Order) -> Shown | None:
    if not order.deposit_fen:
        return None
    return {
        "deposit_fen": order.deposit_fen,
        "balance_fen": order.balance_fen,
        "paid_at": order.deposit_paid_at,
        "balance_from": order.balance_from,
        "balance_until": order.balance_until,
    }


def _freight_fee_of(parts: Iterable[Shown]) -> int:
    return sum(part["freight_fee_fen"] for part in parts)


def _part(part: ShopOrder, deadlines: Deadlines) -> Shown:
    return {
        "id": part.reference,
        "number": part.number,
        "state": part.state,
        "fulfilment": part.fulfilment,
        "ship_deadline": deadlines.get(part.pk),
        "shipped_at": part.shipped_at,
        "signed_at": part.signed_at,
        "confirm_at": part.confirm_at,
        "completed_at": part.completed_at,
        "closed_at": part.closed_at,
        "allowed_actions": actions.of_receiver(part.state),
    }


def _line(line: OrderLine) -> Shown:
    rows = sorted(line.discounts.all(), key=lambda row: ORDER[row.kind])
    return {
        "id": line.reference,
        "sku": line.sku.reference,
        "product": line.product.reference,
        "title": line.title,
        "spec": line.spec,
        "quantity": line.quantity,
        "unit_price_fen": line.unit_price_fen,
        "list_price_fen": line.list_price_fen,
        "activity": _activity(line.activity_reference, line.activity_kind),
        "sale_fen": line.sale_fen,
        "discounts": _discounts(row for row in rows if row.kind in ON_GOODS),
        "paid_fen": line.paid_fen,
        "freight_fee_fen": line.freight_fee_fen,
        "freight_discounts": _discounts(row for row in rows if row.kind in ON_FREIGHT),
        "freight_fen": line.freight_fen,
        "refunded_quantity": line.refunded_quantity,
        "refunded_fen": line.refunded_fen,
    }


def _discounts(rows: Iterable[LineDiscount]) -> list[Shown]:
    shown = []
    for kind, group in groupby(rows, lambda row: row.kind):
        shares = list(group)
        reduction = shares[0].reduction
        shown.append(
            {
                "source": kind,
                "coupon": shares[0].coupon_reference,
                "reduction": reduction and reduction.reference,
                "funders": [
                    {"funder": share.funder, "amount_fen": share.amount_fen} for share in shares
                ],
                "amount_fen": sum(share.amount_fen for share in shares),
            }
        )
    return shown


def _line_price(line: LinePrice, facts: SkuFacts, offer: Offer | None) -> Shown:
    return {
        "sku": line.key,
        "product": facts.product_reference,
        "title": facts.title,
        "spec": facts.spec,
        "quantity": line.quantity,
        "unit_price_fen": offer.unit_price_fen if offer else facts.price_fen,
        "list_price_fen": facts.price_fen,
        "activity": _activity(offer.activity_reference, offer.kind) if offer else None,
        "sale_fen": line.sale_fen,
        "discounts": [_off(off) for off in line.discounts],
        "paid_fen": line.paid_fen,
        "freight_fee_fen": line.freight_fee_fen,
        "freight_discounts": [_off(off) for off in line.freight_discounts],
        "freight_fen": line.freight_fen,
    }


def _activity(reference: UUID | str | None, kind: str) -> Shown | None:
    return None if reference is None else {"id": reference, "kind": kind}


def _off(off: LineOff) -> Shown:
    return {
        "source": off.step.value,
        "coupon": off.coupon_reference,
        "reduction": off.reduction_reference,
        "funders": [
            {"funder": share.funder, "amount_fen": share.amount_fen} for share in off.funders
        ],
        "amount_fen": off.amount_fen,
    }


def _shop(reference: str, slug: str, name: str) -> Shown:
    return {"id": reference, "slug": slug, "name": name}
