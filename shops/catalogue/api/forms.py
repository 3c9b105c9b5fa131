"""What a seller sends about goods."""

from typing import Any

from rest_framework import serializers

from core.http.forms import (
    CodeField,
    CountField,
    FenField,
    Form,
    GramField,
    ReferenceField,
    TextField,
    WholeNumberField,
)
from core.regions.api.fields import CountyField
from shops.catalogue.api.fields import CategoryField
from shops.catalogue.domain.goods import ProductClass, TempClass
from shops.catalogue.models import Category
from shops.catalogue.services.products import NewSku

SKUS_MAX = 50
PHOTOS_MAX = 10
SHELF_LIFE_DAYS_MAX = 3_650
STOCK_CHANGE_MAX = 1_000_000


class SkuForm(Form):
    """One size to offer."""

    spec = TextField(max_length=60)
    price_fen = FenField(min_value=1)
    net_weight_g = GramField()
    gross_weight_g = GramField()
    stock = CountField(min_value=0, default=0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse packaging that takes weight away."""
        require_gross_covers_net(attrs)
        return attrs


class SkuChangeForm(Form):
    """What may change of a size; its stock has adjustments of its own."""

    spec = TextField(max_length=60)
    price_fen = FenField(min_value=1)
    net_weight_g = GramField()
    gross_weight_g = GramField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse packaging that takes weight away, as far as it can be seen here."""
        require_gross_covers_net(attrs)
        return attrs


class ProductChangeForm(Form):
    """What may change of a product."""

    title = TextField(max_length=60)
    category = CategoryField()
    origin = CountyField()
    description = TextField(
        max_length=5_000, multiline=True, required=False, allow_blank=True, default=""
    )
    product_class = CodeField(choices=ProductClass.choices, required=False)
    temp_class = CodeField(choices=TempClass.choices, required=False)
    shelf_life_days = CountField(
        max_value=SHELF_LIFE_DAYS_MAX, required=False, allow_null=True, default=None
    )
    freight_template = ReferenceField(required=False, allow_null=True, default=None)
    photos = serializers.ListField(
        child=ReferenceField(), max_length=PHOTOS_MAX, required=False, default=list
    )


class ProductForm(ProductChangeForm):
    """A product to begin; its class and temperature are those of the category unless said."""

    skus = SkuForm(many=True, min_length=1, max_length=SKUS_MAX)  # type: ignore[call-arg]

    def validate_skus(self, skus: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse two sizes of one name."""
        if len({sku["spec"] for sku in skus}) < len(skus):
            raise serializers.ValidationError("Each spec only once.", code="REPEATED")
        return skus


class AdjustmentForm(Form):
    """How many more, or fewer."""

    change = WholeNumberField(min_value=-STOCK_CHANGE_MAX, max_value=STOCK_CHANGE_MAX)
    reason = TextField(max_length=200)

    def validate_change(self, change: int) -> int:
        """Refuse a change that changes nothing."""
        if change == 0:
            raise serializers.ValidationError("It must not be 0.", code="NO_CHANGE")
        return change


def require_gross_covers_net(attrs: dict[str, Any]) -> None:
    """Refuse packaging that takes weight away."""
    if attrs.get("gross_weight_g", attrs.get("net_weight_g", 0)) < attrs.get("net_weight_g", 0):
        detail = serializers.ErrorDetail("At least net_weight_g.", "GROSS_BELOW_NET")
        raise serializers.ValidationError({"gross_weight_g": [detail]})


def draft(form: dict[str, Any]) -> dict[str, Any]:
    """Return a product form as `products.create` takes it."""
    category: Category = form["category"]
    rest = {name: value for name, value in form.items() if name not in {"skus", "photos"}}
    return rest | {
        "product_class": form.get("product_class", category.product_classes[0]),
        "temp_class": form.get("temp_class", category.temp_class),
        "skus": [NewSku(**sku) for sku in form["skus"]],
        "pictures": form["photos"],
    }
