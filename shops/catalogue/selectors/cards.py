"""Product cards and product pages as buyers see them: prepared before, finished here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language

from core.errors import NotFound
from core.regions import codes
from core.regions.codes import Level
from shops.catalogue.models import Category, ProductCard
from shops.catalogue.selectors import tree

ORDERINGS = {
    "-published_at": ("-published_at", "-product_id"),
    "price": ("price_from_fen", "product_id"),
    "-price": ("-price_from_fen", "-product_id"),
    "-sold": ("-sold", "-product_id"),
}
BADGE_LABELS = {
    "832": ("Sold from one of the 832 counties", "832脱贫县"),
    "poor-county": ("Sold from a national poverty county", "国家级贫困县"),
}
# By whether the caller reads Chinese.
_BADGES = {
    is_chinese: {
        code: {"code": code, "label": label[is_chinese]} for code, label in BADGE_LABELS.items()
    }
    for is_chinese in (False, True)
}
_ORIGIN_COLUMNS = {
    Level.PROVINCE: "origin_province",
    Level.PREFECTURE: "origin_prefecture",
    Level.COUNTY: "origin_county",
}


_PAGE = """
    SELECT card.detail, card.sold, card.published_at, (
        SELECT coalesce(jsonb_object_agg(sku.reference, coalesce(stock.free, 0)), '{}')
        FROM catalogue_sku AS sku
        CROSS JOIN LATERAL (
            SELECT sum(total - held - spent) AS free FROM quotas_quotashard AS shard
            WHERE shard.quota_id = sku.stock_quota_id
        ) AS stock
        WHERE sku.product_id = card.product_id
    )
    FROM catalogue_product AS product
    JOIN catalogue_productcard AS card ON card.product_id = product.id AND card.is_listed
    WHERE product.reference = %s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of products is narrowed to; nothing narrows nothing."""

    category: Category | None = None
    origin: str = ""
    shop_id: int | None = None
    min_price_fen: int | None = None
    max_price_fen: int | None = None


def listed(wanted: Wanted) -> QuerySet[ProductCard]:
    """Return the cards that buyers see; `detail` is left where it is."""
    found = ProductCard.objects.filter(is_listed=True).defer("detail")
    if wanted.category is not None:
        found = found.filter(category_id__in=tree.below(wanted.category))
    if wanted.origin:
        found = found.filter(**{origin_column(wanted.origin): wanted.origin})
    if wanted.shop_id is not None:
        found = found.filter(shop_id=wanted.shop_id)
    if wanted.min_price_fen is not None:
        found = found.filter(price_from_fen__gte=wanted.min_price_fen)
    if wanted.max_price_fen is not None:
        found = found.filter(price_from_fen__lte=wanted.max_price_fen)
    return found


def origin_column(code: str) -> str:
    """Return which column of a card holds codes of this level.

    A city without counties stands in both the county and the prefecture column.
    """
    return _ORIGIN_COLUMNS[codes.level_of(code)]


def shown(card: ProductCard) -> dict[str, Any]:
    """Return a card as lists answer it, in the language of the caller."""
    return finished(card.body, sold=card.sold, in_stock=card.in_stock, badges=badges())


def badges() -> Mapping[str, dict[str, str]]:
    """Return each badge in the language of the caller; asked once for a page of cards."""
    return _BADGES[_is_chinese()]


def finished(
    body: dict[str, Any], *, sold: int, in_stock: bool, badges: Mapping[str, dict[str, str]]
) -> dict[str, Any]:
    """Return a prepared body with what changes without the product; for rows read by SQL."""
    return body | {
        "sold": sold,
        "in_stock": in_stock,
        "badges": [badges.get(code) or {"code": code, "label": code} for code in body["badges"]],
    }


def page(reference: UUID) -> dict[str, Any]:
    """Return a product page in one statement: the prepared detail, and what is left.

    Raises:
        NotFound: nothing of that id is on sale.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, [reference])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(subject="product")
    prepared, sold, published_at, stock = row
    detail, left = orjson.loads(prepared), orjson.loads(stock)
    in_stock = any(free > 0 for free in left.values())
    answer = finished(detail, sold=sold, in_stock=in_stock, badges=badges())
    category = tree.find(detail["category"])
    return answer | {
        "category": {
            "id": str(category.reference),
            "slug": category.slug,
            "name": name_of(category),
        },
        "skus": [sku | {"available": left.get(sku["id"], 0)} for sku in detail["skus"]],
        "published_at": published_at,
    }


def name_of(category: Category) -> str:
    """Return a category's name in the language of the caller."""
    return category.name_zh if _is_chinese() else category.name_en


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
