"""What a quote and an order are asked with."""

from typing import Any

from rest_framework import serializers

from core.http.forms import CountField, FenField, FlagField, Form, ReferenceField, TextField
from core.regions.api.fields import CountyField
from orders.baskets.domain.limits import LINES_MAX
from orders.placement.selectors.quotes import Wanted

COUPONS_MAX = 50
ACTIVITY = "The activity to buy in; what runs for everybody applies by itself."


class WantedForm(Form):
    """So many of one SKU."""

    sku = ReferenceField()
    quantity = CountField()


class CouponsField(serializers.ListField):
    """The ids of one's own coupons, each once."""

    child = ReferenceField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": COUPONS_MAX, "default": list, **kwargs})

    def to_internal_value(self, data: Any) -> list[Any]:
        coupons = super().to_internal_value(data)
        return _each_once(coupons)


def _each_once(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise serializers.ValidationError("Each one only once.", code="REPEATED")
    return values


def _lines(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    _each_once([line["sku"] for line in lines])
    return lines


class QuoteForm(Form):
    """What somebody thinks of buying."""

    lines = WantedForm(many=True, min_length=1, max_length=LINES_MAX)  # type: ignore[call-arg]
    region = CountyField(required=False)
    address = ReferenceField(required=False)
    activity = ReferenceField(required=False, help_text=ACTIVITY)
    coupons = CouponsField()
    best_coupons = FlagField(default=False)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return _lines(lines)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("region" in attrs) == ("address" in attrs):
            raise serializers.ValidationError(
                {"region": [serializers.ErrorDetail("Either region or address.", "EITHER_OR")]}
            )
        return attrs


class OrderForm(Form):
    """What somebody has decided to buy, at the price they were shown."""

    lines = WantedForm(  # type: ignore[call-arg]
        many=True, min_length=1, max_length=LINES_MAX, required=False
    )
    basket = FlagField(default=False)
    address = ReferenceField()
    activity = ReferenceField(required=False, help_text=ACTIVITY)
    coupons = CouponsField()
    expected_payable_fen = FenField()
    remark = TextField(default="", allow_blank=True)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return _lines(lines)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("lines" in attrs) == attrs["basket"]:
            raise serializers.ValidationError(
                {"lines": [serializers.ErrorDetail("Either lines or basket.", "EITHER_OR")]}
            )
        return attrs


def wanted_of(lines: list[dict[str, Any]]) -> list[Wanted]:
    """Return the lines of a form as the services know them."""
    return [Wanted(str(line["sku"]), line["quantity"]) for line in lines]
