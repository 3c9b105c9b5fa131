"""Product cards and product pages as buyers see them: prepared before, finished here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language

from core.errors import NotFound
from core.regions import codes
from core.regions.codes import Level
from shops.catalogue.domain.pricing import per_kg_fen
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
    SELECT card.detail, card.sold, card.published_at, card.promotions, (
        SELECT coalesce(jsonb_object_agg(dated ->> 'id', coalesce(stock.free, 0)), '{}')
        FROM jsonb_array_elements(card.promotions) AS dated
        CROSS JOIN LATERAL (
            SELECT sum(total - held - spent) AS free FROM quotas_quotashard AS shard
            WHERE shard.quota_id = (dated ->> 'quota')::bigint
        ) AS stock
    ), (
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


def shown_at(now: datetime) -> Callable[[ProductCard], dict[str, Any]]:
    """Return what lists answer of a card at an instant, in the language of the caller."""
    labels = badges()

    def shown(card: ProductCard) -> dict[str, Any]:
        counting = promotions_at(card.promotions, now)
        return finished(
            card.body,
            sold=card.sold,
            in_stock=card.in_stock,
            badges=labels,
            promotions=counting,
        )

    return shown


def promotions_at(promotions: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return which of a card's dated prices count at an instant."""
    if not promotions:
        return []
    # All in one form, as texts of one length: their order is that of time.
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return [one for one in promotions if one["starts_at"] <= at < one["ends_at"]]


def badges() -> Mapping[str, dict[str, str]]:
    """Return each badge in the language of the caller; asked once for a page of cards."""
    return _BADGES[_is_chinese()]


def finished(
    body: dict[str, Any],
    *,
    sold: int,
    in_stock: bool,
    badges: Mapping[str, dict[str, str]],
    promotions: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Return a prepared body with what changes without the product; for rows read by SQL.

    Of the prices for a time that count now, the lowest is said where it is below the ordinary one.
    """
    cheapest = None
    if promotions:
        cheapest = min(promotions, key=lambda one: one["price_fen"])
        if cheapest["price_fen"] >= body["price_from_fen"]:
            cheapest = None
    return {
        **body,
        **_priced(body, "price_from_fen", cheapest),
        "sold": sold,
        "in_stock": in_stock,
        "badges": [badges.get(code) or {"code": code, "label": code} for code in body["badges"]],
    }


# What most goods say most of the time.
_AT_ITS_PRICE: Mapping[str, Any] = {"original_price_fen": None, "promotion": None}


def _priced(
    prepared: Mapping[str, Any], price: str, promotion: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    if promotion is None:
        return _AT_ITS_PRICE
    paid = promotion["price_fen"]
    by_weight = prepared["unit_price"] and {
        "price_fen": per_kg_fen(paid, promotion["net_weight_g"]),
        "per": "kg",
    }
    return {
        price: paid,
        "unit_price": by_weight,
        "original_price_fen": prepared[price],
        "promotion": {name: promotion[name] for name in ("id", "kind", "ends_at")},
    }


def page(reference: UUID, *, now: datetime) -> dict[str, Any]:
    """Return a product page in one statement: the prepared detail, and what is left.

    Raises:
        NotFound: nothing of that id is on sale.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, [reference])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(subject="product")
    prepared, sold, published_at, dated, apart, stock = row
    detail, left, set_apart = orjson.loads(prepared), orjson.loads(stock), orjson.loads(apart)
    # A price whose pieces have just run out counts no more, whether or not the card says so yet.
    counting = [
        one for one in promotions_at(orjson.loads(dated), now) if set_apart.get(one["id"], 0) > 0
    ]
    by_sku = {one["sku"]: one for one in counting}
    left |= {sku: set_apart[one["id"]] for sku, one in by_sku.items()}
    in_stock = any(free > 0 for free in left.values())
    answer = finished(detail, sold=sold, in_stock=in_stock, badges=badges(), promotions=counting)
    category = tree.find(detail["category"])
    return answer | {
        "category": {
            "id": str(category.reference),
            "slug": category.slug,
            "name": name_of(category),
        },
        "skus": [
            {
                **sku,
                **_priced(sku, "price_fen", by_sku.get(sku["id"])),
                "available": left.get(sku["id"], 0),
            }
            for sku in detail["skus"]
        ],
        "published_at": published_at,
    }


def name_of(category: Category) -> str:
    """Return a category's name in the language of the caller."""
    return category.name_zh if _is_chinese() else category.name_en


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
