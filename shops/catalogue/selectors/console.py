"""What a reviewer may see of goods in the console, and whose goods they are."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from core.console import reach
from core.errors import InvalidInput
from core.quotas.selectors import availability
from shops.catalogue.models import Category, Product, Sku
from shops.catalogue.selectors import tree
from shops.storefronts.models import Shop


def products_for(user: Any) -> QuerySet[Product]:
    """Return the goods of the shops in somebody's reach as a reviewer, with their SKUs."""
    rows = Product.objects.select_related("shop", "category").prefetch_related(
        Prefetch("skus", Sku.objects.order_by("position", "id"))
    )
    scope = reach.scope(user, Role.REVIEWER)
    if scope is None:
        return rows
    below = Q(pk__in=[])
    for region in scope:
        below |= Q(shop__region__startswith=roles.prefix_of(region))
    return rows.filter(below)


def stock_of(product: Product) -> dict[int, availability.Figures]:
    """Return how much of each SKU there is, by the key of the SKU's quota."""
    return availability.figures([sku.stock_quota_id for sku in product.skus.all()])


def shop_of_sku(reference: UUID) -> Shop:
    """Return whose SKU this is.

    Raises:
        InvalidInput: there is no such SKU.
    """
    found = Sku.objects.filter(reference=reference).select_related("product__shop").first()
    if found is None:
        raise InvalidInput.at("/sku", "SKU_NOT_FOUND", "There is no such SKU.")
    return found.product.shop


def category_tree() -> list[tuple[Category, int]]:
    """Return the categories from the root down, each with its depth."""
    rows = {category.pk: category for category in tree.listed()}
    ordered = sorted(rows.values(), key=lambda one: [(rows[key].position, key) for key in one.path])
    return [(one, len(one.path) - 1) for one in ordered]
