"""Prices and orders as the API says them: built once for the quote, the placement and the list."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orders.placement.domain.pricing import LineOff, LinePrice, ShopPrice
from orders.placement.selectors.quotes import Quote
from shops.catalogue.selectors.sellable import SkuFacts


def price_of(quote: Quote) -> dict[str, Any]:
    """Return the whole breakdown, shop by shop and line by line."""
    price = quote.price
    return {
        "shops": [shop_price_of(shop, quote.goods) for shop in price.shops],
        "goods_fen": price.goods_fen,
        "freight_fen": price.freight_fen,
        "discount_fen": price.discount_fen,
        "payable_fen": price.payable_fen,
        "coupons": list(price.used),
    }


def shop_price_of(shop: ShopPrice, goods: Mapping[str, SkuFacts]) -> dict[str, Any]:
    """Return one shop's part of a breakdown."""
    facts = goods[shop.lines[0].key]
    return {
        "shop": shop_of(facts.shop_reference, facts.shop_slug, facts.shop_name),
        "lines": [line_price_of(line, goods[line.key]) for line in shop.lines],
        "goods_fen": shop.goods_fen,
        "freight_fen": shop.freight_fen,
        "discount_fen": shop.discount_fen,
        "payable_fen": shop.payable_fen,
    }


def line_price_of(line: LinePrice, facts: SkuFacts) -> dict[str, Any]:
    """Return one line with each discount by the coupon it comes from and by who bears it."""
    return {
        "sku": line.key,
        "product": facts.product_reference,
        "title": facts.title,
        "spec": facts.spec,
        "quantity": line.quantity,
        "unit_price_fen": facts.price_fen,
        "sale_fen": line.sale_fen,
        "discounts": [_discount_of(off) for off in line.discounts],
        "paid_fen": line.paid_fen,
        "freight_fen": line.freight_fen,
    }


def shop_of(reference: str, slug: str, name: str) -> dict[str, str]:
    """Return a shop as lists name it."""
    return {"id": reference, "slug": slug, "name": name}


def instant(at: datetime | None) -> str | None:
    """Return an instant as RFC 3339."""
    return at.isoformat() if at else None


def _discount_of(off: LineOff) -> dict[str, Any]:
    return {
        "source": off.step.value,
        "coupon": off.coupon_reference,
        "funders": [
            {"funder": share.funder, "amount_fen": share.amount_fen} for share in off.funders
        ],
        "amount_fen": off.amount_fen,
    }
