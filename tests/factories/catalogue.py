"""Goods for tests, brought to their state by the services that lead there."""

import itertools
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from core.audit.actors import Actor
from shops.catalogue.models import Category, Product
from shops.catalogue.selectors import tree
from shops.catalogue.services import products, publication
from shops.storefronts.models import Shop
from tests.factories.storefronts import open_shop

_NUMBERS = itertools.count(1)
LISTED = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)


def a_category(slug: str = "citrus") -> Category:
    """Return a category of the shipped tree."""
    return tree.find(slug)


def a_product(
    shop: Shop | None = None,
    price_fen: int = 1990,
    stock: int = 100,
    net_weight_g: int = 5000,
    gross_weight_g: int = 5500,
    origin: str = "420527",
    category: Category | None = None,
    title: str = "",
    freight_template: UUID | None = None,
    published: bool = True,
    shards: int = 1,
    skus: list[products.NewSku] | None = None,
    product_class: str = "RAW_PRODUCE",
    temp_class: str = "AMBIENT",
    now: datetime = LISTED,
) -> Product:
    """Return a product with one SKU (or the given ones), on sale unless told otherwise."""
    shop = shop or open_shop(region=origin)
    owner = Actor(user_id=shop.members.get(role="OWNER").user_id)
    with transaction.atomic():
        product = products.create(
            shop,
            title=title or f"秭归脐橙{next(_NUMBERS)}",
            category=category or a_category(),
            origin=origin,
            product_class=product_class,
            temp_class=temp_class,
            skus=skus or [products.NewSku("5斤装", price_fen, net_weight_g, gross_weight_g, stock)],
            freight_template=freight_template,
            shards=shards,
            actor=owner,
            now=now,
        )
        return publication.publish(product, actor=owner, now=now) if published else product
