"""What the catalogue answers: the documented shapes, and a seller's view of a product."""

from typing import Any

from rest_framework import serializers

from core.uploads import addresses
from shops.catalogue.domain.goods import ProductClass, ProductState, ReturnClass, TempClass
from shops.catalogue.models import Product, Sku, StockAdjustment


class NamedOutput(serializers.Serializer[Any]):
    """A division by code and name."""

    code = serializers.CharField()
    name = serializers.CharField()


class BadgeOutput(serializers.Serializer[Any]):
    """Something said about a product, in the caller's language."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class ShopOutput(serializers.Serializer[Any]):
    """The shop that sells it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class UnitPriceOutput(serializers.Serializer[Any]):
    """What a kilogram costs."""

    price_fen = serializers.IntegerField()
    per = serializers.CharField()


class PromotionOutput(serializers.Serializer[Any]):
    """A price for a time that counts now; `id` is that of its activity."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    ends_at = serializers.DateTimeField()


class CardOutput(serializers.Serializer[Any]):
    """A product as lists show it."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    cover_url = serializers.CharField(allow_null=True)
    price_from_fen = serializers.IntegerField(help_text="What the cheapest size costs now.")
    original_price_fen = serializers.IntegerField(
        allow_null=True, help_text="What it costs otherwise, while a price for a time counts."
    )
    promotion = PromotionOutput(allow_null=True)
    unit_price = UnitPriceOutput(allow_null=True)
    origin = NamedOutput()
    shop = ShopOutput()
    sold = serializers.IntegerField()
    in_stock = serializers.BooleanField()
    badges = BadgeOutput(many=True)


class CategoryNameOutput(serializers.Serializer[Any]):
    """A category by name."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class PublicSkuOutput(serializers.Serializer[Any]):
    """A size on sale."""

    id = serializers.UUIDField()
    spec = serializers.CharField()
    price_fen = serializers.IntegerField(help_text="What it costs now.")
    original_price_fen = serializers.IntegerField(
        allow_null=True, help_text="What it costs otherwise, while a price for a time counts."
    )
    promotion = PromotionOutput(allow_null=True)
    net_weight_g = serializers.IntegerField()
    gross_weight_g = serializers.IntegerField()
    unit_price = UnitPriceOutput(allow_null=True)
    available = serializers.IntegerField()


class PageOutput(CardOutput):
    """A product page."""

    description = serializers.CharField()
    category = CategoryNameOutput()
    product_class = serializers.ChoiceField(choices=ProductClass.choices)
    temp_class = serializers.ChoiceField(choices=TempClass.choices)
    return_class = serializers.ChoiceField(choices=ReturnClass.choices)
    shelf_life_days = serializers.IntegerField(allow_null=True)
    freight_template = serializers.UUIDField(allow_null=True)
    photos = serializers.ListField(child=serializers.CharField())
    skus = PublicSkuOutput(many=True)
    published_at = serializers.DateTimeField()


class CategoryOutput(CategoryNameOutput):
    """A category with what its goods have in common."""

    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    product_classes = serializers.ListField(
        child=serializers.ChoiceField(choices=ProductClass.choices)
    )
    licence_kind = serializers.CharField(allow_null=True)
    temp_class = serializers.ChoiceField(choices=TempClass.choices)
    return_class = serializers.ChoiceField(choices=ReturnClass.choices)
    auto_confirm_hours = serializers.IntegerField()


class SellerSkuOutput(serializers.Serializer[Any]):
    """A size as its shop sees it."""

    id = serializers.UUIDField()
    spec = serializers.CharField()
    price_fen = serializers.IntegerField()
    net_weight_g = serializers.IntegerField()
    gross_weight_g = serializers.IntegerField()
    available = serializers.IntegerField()


class PhotoOutput(serializers.Serializer[Any]):
    """A picture; its id is that of the upload."""

    id = serializers.UUIDField()
    url = serializers.CharField()


class SellerProductOutput(serializers.Serializer[Any]):
    """A product as its shop sees it."""

    id = serializers.UUIDField()
    shop = serializers.UUIDField()
    title = serializers.CharField()
    category = serializers.UUIDField()
    origin = serializers.CharField()
    description = serializers.CharField()
    product_class = serializers.ChoiceField(choices=ProductClass.choices)
    temp_class = serializers.ChoiceField(choices=TempClass.choices)
    shelf_life_days = serializers.IntegerField(allow_null=True)
    freight_template = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=ProductState.choices)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    photos = PhotoOutput(many=True)
    skus = SellerSkuOutput(many=True)


class AdjustmentOutput(serializers.Serializer[Any]):
    """Why a stock changed."""

    id = serializers.UUIDField()
    sku = serializers.UUIDField()
    change = serializers.IntegerField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


def seller_product(product: Product) -> dict[str, Any]:
    """Return a product of `goods` as its shop sees it."""
    return {
        "id": product.reference,
        "shop": product.shop.reference,
        "title": product.title,
        "category": product.category.reference,
        "origin": product.origin_county,
        "description": product.description,
        "product_class": product.product_class,
        "temp_class": product.temp_class,
        "shelf_life_days": product.shelf_life_days,
        "freight_template": product.freight_template,
        "state": product.state,
        "version": product.version,
        "created_at": product.created_at,
        "published_at": product.published_at,
        "photos": [
            {"id": photo.upload.reference, "url": addresses.photo_url(photo.upload.path)}
            for photo in product.photos.all()
        ],
        "skus": [seller_sku(sku) for sku in product.skus.all()],
    }


def seller_sku(sku: Sku) -> dict[str, Any]:
    """Return a SKU of `goods` as its shop sees it."""
    return {
        "id": sku.reference,
        "spec": sku.spec,
        "price_fen": sku.price_fen,
        "net_weight_g": sku.net_weight_g,
        "gross_weight_g": sku.gross_weight_g,
        "available": sku.available,  # type: ignore[attr-defined]
    }


def adjustment(row: StockAdjustment) -> dict[str, Any]:
    """Return a change of a stock as its shop sees it."""
    return {
        "id": row.reference,
        "sku": row.sku.reference,
        "change": row.change,
        "reason": row.reason,
        "at": row.at,
    }
