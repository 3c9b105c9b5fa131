"""`/basket`."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, seller_of
from core.errors import InvalidInput
from core.http import examples
from core.http.etags import PreconditionFailed, check_match, conditional
from core.http.forms import CountField, Form, ReferenceField
from core.http.schema import operation
from core.transactions import entry
from orders.baskets.domain.limits import LINES_MAX
from orders.baskets.selectors import baskets as shown
from orders.baskets.services import baskets
from orders.baskets.services.baskets import BasketFull


class BasketLineForm(Form):
    """So many of one SKU."""

    sku = ReferenceField()
    quantity = CountField()


class BasketForm(Form):
    """Everything that shall be in the basket."""

    lines = BasketLineForm(many=True, max_length=LINES_MAX)  # type: ignore[call-arg]

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({line["sku"] for line in lines}) < len(lines):
            raise serializers.ValidationError("One line per SKU.", code="REPEATED")
        return lines


class QuantityForm(Form):
    """How many of it."""

    quantity = CountField()


class BasketLineOutput(serializers.Serializer):
    """A line with what it costs now."""

    sku = serializers.UUIDField()
    quantity = serializers.IntegerField()
    title = serializers.CharField()
    spec = serializers.CharField()
    price_fen = serializers.IntegerField()
    available = serializers.IntegerField()
    is_on_sale = serializers.BooleanField()
    shop = serializers.DictField(child=serializers.CharField())


class BasketOutput(serializers.Serializer):
    """A basket; its version moves with every change."""

    version = serializers.IntegerField()
    lines = BasketLineOutput(many=True)


class Basket(APIView):
    """One's own basket."""

    @operation(summary="Show the basket", response=BasketOutput, etag=True)
    def get(self, request: Request) -> Response:
        return _answer(request)

    @operation(
        summary="Replace everything in the basket",
        request=BasketForm,
        example=examples.BASKET,
        response=BasketOutput,
        refusals=(InvalidInput, PreconditionFailed),
        if_match=True,
    )
    def put(self, request: Request) -> Response:
        form = BasketForm.read(request)
        quantities = {line["sku"]: line["quantity"] for line in form["lines"]}
        return _changed(request, partial(baskets.fill, _me(request), quantities))


class BasketLine(APIView):
    """One SKU in the basket."""

    @operation(
        summary="Have so many of a SKU in the basket",
        request=QuantityForm,
        response=BasketOutput,
        refusals=(InvalidInput, BasketFull, PreconditionFailed),
        if_match=True,
    )
    def put(self, request: Request, sku: UUID) -> Response:
        quantity = QuantityForm.read(request)["quantity"]
        return _changed(request, partial(baskets.put, _me(request), sku, quantity))

    @operation(
        summary="Take a SKU out of the basket",
        response=BasketOutput,
        refusals=(PreconditionFailed,),
        if_match=True,
    )
    def delete(self, request: Request, sku: UUID) -> Response:
        return _changed(request, partial(baskets.remove, _me(request), sku))


def _me(request: Request) -> int:
    return seller_of(actor_of(request))


def _changed(request: Request, change: Callable[..., None]) -> Response:
    entry(change)(check=partial(check_match, request), now=timezone.now())
    return _answer(request)


def _answer(request: Request) -> Response:
    basket, goods = shown.with_goods(_me(request))
    lines = [
        {
            "sku": line.sku,
            "quantity": line.quantity,
            "title": goods[line.sku].title,
            "spec": goods[line.sku].spec,
            "price_fen": goods[line.sku].price_fen,
            "available": goods[line.sku].available,
            "is_on_sale": goods[line.sku].is_on_sale,
            "shop": {
                "id": goods[line.sku].shop_reference,
                "slug": goods[line.sku].shop_slug,
                "name": goods[line.sku].shop_name,
            },
        }
        for line in basket.lines
    ]
    payload = {"version": basket.version, "lines": lines}
    return conditional(request, payload, version=basket.version)
