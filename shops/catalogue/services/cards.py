"""Preparing what lists and product pages show, when a product changes and not when it is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet

from core.periods import local_day
from core.regions.selectors import divisions, programmes
from core.transactions import needs_transaction
from core.uploads import addresses
from core.uploads.models import Upload
from shops.catalogue.domain.goods import ProductClass, ProductState
from shops.catalogue.domain.pricing import per_kg_fen
from shops.catalogue.models import Product, ProductCard, ProductPhoto, Sku
from shops.catalogue.selectors import sellable
from shops.storefronts.domain.states import ShopState

_PREPARED = (
    "shop",
    "category",
    "origin_county",
    "origin_prefecture",
    "origin_province",
    "price_from_fen",
    "in_stock",
    "is_listed",
    "published_at",
    "version",
    "body",
    "detail",
)


@dataclass(frozen=True, slots=True)
class _Words:
    """What the cards of several products have in common: names and programmes by county."""

    names: Mapping[str, str]
    programmes: Mapping[str, Sequence[str]]


@needs_transaction
def prepare(product_ids: Iterable[int], *, now: datetime) -> None:
    """Write the cards of products anew, with a constant number of statements.

    The caller has just changed the products and so holds their rows: two preparations of one card
    cannot overtake each other. What was never published has no card.
    """
    products = list(_complete(product_ids))
    if not products:
        return
    counties = {product.origin_county for product in products}
    words = _Words(divisions.names(counties), programmes.of_counties(counties, on=local_day(now)))
    ProductCard.objects.bulk_create(
        [_card(product, words) for product in products],
        update_conflicts=True,
        unique_fields=["product"],
        update_fields=_PREPARED,
    )


@needs_transaction
def add_sold(counts: Mapping[int, int]) -> None:
    """Add what was sold, by product, to the figures that lists show and sort by."""
    if not counts:
        return
    with connection.cursor() as cursor:
        # Locked in the order of keys first: an UPDATE over several rows locks in none.
        cursor.execute(
            """
            WITH mine AS MATERIALIZED (
                SELECT product_id FROM catalogue_productcard WHERE product_id = ANY(%(ids)s)
                ORDER BY product_id FOR NO KEY UPDATE
            )
            UPDATE catalogue_productcard AS card SET sold = card.sold + sale.pieces
            FROM mine JOIN unnest(%(ids)s::bigint[], %(pieces)s::bigint[]) AS sale (id, pieces)
                ON sale.id = mine.product_id
            WHERE card.product_id = mine.product_id
            """,
            {"ids": list(counts), "pieces": list(counts.values())},
        )


@needs_transaction
def refresh_stock(*, now: datetime) -> int:
    """Note on the cards what has sold out and what is there again; return how many changed.

    Pieces that were set apart for a price of this instant are there too.
    """
    with connection.cursor() as cursor:
        # Only what has an empty shard can be sold out, so this does not look at every product.
        cursor.execute(
            """
            WITH changed AS MATERIALIZED (
                SELECT card.product_id, NOT card.in_stock AS in_stock
                FROM catalogue_productcard AS card
                WHERE card.in_stock IS DISTINCT FROM (
                        EXISTS (
                            SELECT FROM catalogue_sku AS sku
                            JOIN quotas_quotashard AS shard ON shard.quota_id = sku.stock_quota_id
                            WHERE sku.product_id = card.product_id
                                AND shard.total > shard.held + shard.spent
                        )
                        OR EXISTS (
                            SELECT FROM jsonb_array_elements(card.promotions) AS dated
                            JOIN quotas_quotashard AS shard
                                ON shard.quota_id = (dated ->> 'quota')::bigint
                            WHERE shard.total > shard.held + shard.spent
                                AND (dated ->> 'starts_at')::timestamptz <= %(now)s
                                AND %(now)s < (dated ->> 'ends_at')::timestamptz
                        )
                    )
                    AND (NOT card.in_stock OR card.product_id IN (
                        SELECT sku.product_id FROM quotas_quotashard AS shard
                        JOIN catalogue_sku AS sku ON sku.stock_quota_id = shard.quota_id
                        WHERE shard.total = shard.held + shard.spent
                    ))
                ORDER BY card.product_id
                FOR NO KEY UPDATE OF card SKIP LOCKED
            )
            UPDATE catalogue_productcard AS card SET in_stock = changed.in_stock
            FROM changed WHERE card.product_id = changed.product_id
            """,
            {"now": now},
        )
        return int(cursor.rowcount)


@needs_transaction
def date_prices(dated: str, params: Mapping[str, Any]) -> int:
    """Write prices for a time on the cards of their products; return how many cards changed.

    `dated` is a query of whoever sets such prices, with its parameters: a product, and its prices
    as `selectors.cards` reads them. Cards of products that it does not name have none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH wanted (product_id, promotions) AS MATERIALIZED ({dated}),
            changed AS MATERIALIZED (
                SELECT card.product_id, coalesce(wanted.promotions, '[]') AS promotions
                FROM catalogue_productcard AS card
                LEFT JOIN wanted ON wanted.product_id = card.product_id
                WHERE (
                        card.promotions <> '[]'
                        OR card.product_id IN (SELECT product_id FROM wanted)
                    )
                    AND card.promotions <> coalesce(wanted.promotions, '[]')
                ORDER BY card.product_id
                FOR NO KEY UPDATE OF card SKIP LOCKED
            )
            UPDATE catalogue_productcard AS card SET promotions = changed.promotions
            FROM changed WHERE card.product_id = changed.product_id
            """,  # noqa: S608 - put together from constants of the room above.
            params,
        )
        return int(cursor.rowcount)


def _complete(product_ids: Iterable[int]) -> QuerySet[Product]:
    skus = Sku.objects.annotate(available=sellable.available()).order_by("position", "id")
    photos = ProductPhoto.objects.select_related("upload").order_by("position")
    return (
        Product.objects.filter(pk__in=list(product_ids), published_at__isnull=False)
        .select_related("shop", "category")
        .prefetch_related(Prefetch("skus", skus), Prefetch("photos", photos))
        .order_by("pk")
    )


def _card(product: Product, words: _Words) -> ProductCard:
    skus = list(product.skus.all())
    cheapest = min(skus, key=lambda sku: sku.price_fen)
    body = _body(product, cheapest, words)
    return ProductCard(
        product=product,
        shop=product.shop,
        category=product.category,
        origin_county=product.origin_county,
        origin_prefecture=product.origin_prefecture,
        origin_province=product.origin_province,
        price_from_fen=cheapest.price_fen,
        in_stock=any(sku.available > 0 for sku in skus),  # type: ignore[attr-defined]
        is_listed=_is_listed(product),
        published_at=product.published_at or product.changed_at,
        version=product.version,
        body=body,
        detail=body | _detail(product, skus),
    )


def _is_listed(product: Product) -> bool:
    return product.state == ProductState.PUBLISHED and product.shop.state == ShopState.OPEN


def _body(product: Product, cheapest: Sku, words: _Words) -> dict[str, Any]:
    shop = product.shop
    county = product.origin_county
    photos = [photo.upload for photo in product.photos.all()]
    return {
        "id": str(product.reference),
        "title": product.title,
        "cover_url": _cover_url(photos[0]) if photos else None,
        "price_from_fen": cheapest.price_fen,
        "unit_price": _unit_price(product, cheapest),
        "origin": {"code": county, "name": words.names.get(county, "")},
        "shop": {"id": str(shop.reference), "slug": shop.slug, "name": shop.name},
        "badges": list(words.programmes[county]),
    }


def _detail(product: Product, skus: Sequence[Sku]) -> dict[str, Any]:
    template = product.freight_template
    return {
        "description": product.description,
        "category": product.category.slug,
        "product_class": product.product_class,
        "temp_class": product.temp_class,
        "return_class": product.category.return_class,
        "shelf_life_days": product.shelf_life_days,
        "freight_template": str(template) if template else None,
        "photos": [addresses.photo_url(photo.upload.path) for photo in product.photos.all()],
        "skus": [
            {
                "id": str(sku.reference),
                "spec": sku.spec,
                "price_fen": sku.price_fen,
                "net_weight_g": sku.net_weight_g,
                "gross_weight_g": sku.gross_weight_g,
                "unit_price": _unit_price(product, sku),
            }
            for sku in skus
        ],
    }


def _cover_url(upload: Upload) -> str:
    return addresses.photo_url(upload.thumb_path or upload.path)


def _unit_price(product: Product, sku: Sku) -> dict[str, Any] | None:
    """Return what a kilogram costs; nobody buys a basket by weight."""
    if product.product_class == ProductClass.HANDICRAFT:
        return None
    return {"price_fen": per_kg_fen(sku.price_fen, sku.net_weight_g), "per": "kg"}
