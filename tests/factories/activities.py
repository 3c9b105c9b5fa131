"""Activities for tests, set up by the service that does."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from core.audit.actors import Actor
from marketplace.activities.models import Activity
from marketplace.activities.services import activities, flash
from shops.catalogue.models import Product, Sku
from shops.storefronts.models import Shop
from tests.factories.catalogue import a_product

NOON = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)


def an_activity(
    product: Product | None = None,
    now: datetime = NOON - timedelta(hours=2),
    **changes: Any,
) -> Activity:
    """Return an activity on a product's first SKU, set up before noon and running around it."""
    product = product or a_product(stock=100)
    facts: dict[str, Any] = {
        "kind": "FLASH",
        "sku_id": product.skus.order_by("id").first().pk,
        "price_fen": 990,
        "quantity": 10,
        "starts_at": NOON - timedelta(hours=1),
        "ends_at": NOON + timedelta(hours=1),
    }
    owner = product.shop.members.get(role="OWNER").user_id
    with transaction.atomic():
        planned = activities.Planned(**facts | changes)
        return activities.schedule(planned, actor=Actor(owner), now=now)


def a_flash_sale(
    product: Product | None = None,
    *,
    now: datetime,
    hours: float = 2,
    sku: Sku | None = None,
    shop: Shop | None = None,
    **changes: Any,
) -> Activity:
    """Return a flash sale that was planned between the guard rails and begins at once."""
    product = product or a_product(price_fen=3_000, stock=100)
    sku = sku or product.skus.order_by("id").first()
    facts: dict[str, Any] = {
        "sku": sku.reference,
        "price_fen": 1_000,
        "quantity": 10,
        "starts_at": now,
        "ends_at": now + timedelta(hours=hours),
    }
    owner = product.shop.members.get(role="OWNER").user_id
    with transaction.atomic():
        draft = flash.Draft(**facts | changes)
        return flash.plan(draft, shop=shop or product.shop, actor=Actor(owner), now=now)
