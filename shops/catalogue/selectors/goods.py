"""A shop's own view of its goods."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from core.errors import NotFound
from shops.catalogue.models import Product, ProductPhoto, Sku, StockAdjustment
from shops.catalogue.selectors import sellable


def of_shop(shop_id: int) -> QuerySet[Product]:
    """Return all products of a shop, newest first, with everything their shop sees."""
    return _complete().filter(shop_id=shop_id).order_by("-created_at", "-id")


def of_member(user_id: int, reference: UUID | str) -> Product:
    """Return a product of a shop somebody works in.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    try:
        return _complete().get(reference=reference, shop__members__user_id=user_id)
    except Product.DoesNotExist:
        raise NotFound(subject="product") from None


def sku_of_member(user_id: int, reference: UUID | str) -> Sku:
    """Return a SKU of a shop somebody works in, with its product and what is free of it.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    skus = Sku.objects.select_related("product__shop", "product__category").annotate(
        available=sellable.available()
    )
    try:
        return skus.get(reference=reference, product__shop__members__user_id=user_id)
    except Sku.DoesNotExist:
        raise NotFound(subject="sku") from None


def adjustments_of(sku: Sku) -> QuerySet[StockAdjustment]:
    """Return why the stock of a SKU is what it is, newest first."""
    return StockAdjustment.objects.filter(sku=sku).order_by("-at", "-id")


def _complete() -> QuerySet[Product]:
    skus = Sku.objects.annotate(available=sellable.available()).order_by("position", "id")
    photos = ProductPhoto.objects.select_related("upload").order_by("position")
    return Product.objects.select_related("shop", "category").prefetch_related(
        Prefetch("skus", skus), Prefetch("photos", photos)
    )
