"""What anybody may look at: lists of products, product pages, categories."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import InvalidInput, NotFound
from core.http.etags import conditional
from core.http.forms import CodeField, FenField, Form, TextField
from core.http.paging import Keyset
from core.http.schema import operation
from core.regions.api.fields import RegionField
from shops.catalogue.api import outputs
from shops.catalogue.api.fields import CategoryField
from shops.catalogue.models import Category
from shops.catalogue.selectors import cards, tree
from shops.storefronts.selectors import shops

_KEYSETS = {name: Keyset(ordering) for name, ordering in cards.ORDERINGS.items()}
_TREE = Keyset(("position", "id"), page_size=100)


class ShopProductsQuery(Form):
    """Which products of a shop, in which order."""

    category = CategoryField(required=False)
    origin = RegionField(required=False)
    min_price_fen = FenField(required=False)
    max_price_fen = FenField(required=False)
    ordering = CodeField(choices=sorted(cards.ORDERINGS), default="-published_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a range of prices that holds none."""
        lowest, highest = attrs.get("min_price_fen"), attrs.get("max_price_fen")
        if lowest is not None and highest is not None and lowest > highest:
            raise InvalidInput.at(
                "/max_price_fen", "RANGE_NOT_FORWARD", "It must not be below min_price_fen."
            )
        return attrs


class ProductsQuery(ShopProductsQuery):
    """Which products, in which order."""

    shop = TextField(required=False, max_length=80, help_text="Id or slug")


class Products(APIView):
    """Everything that is on sale."""

    permission_classes = [AllowAny]

    @operation(
        summary="List products",
        query=ProductsQuery,
        response=outputs.CardOutput,
        paged=True,
        etag=True,
    )
    def get(self, request: Request) -> Response:
        asked = ProductsQuery.read_query(request)
        name = asked.pop("shop", None)
        try:
            shop_id = shops.public(name).pk if name else None
        except NotFound:
            raise InvalidInput.at("/shop", "UNKNOWN_SHOP", "There is no such shop.") from None
        return _page(request, shop_id=shop_id, **asked)


class ShopProducts(APIView):
    """What one shop sells."""

    permission_classes = [AllowAny]

    @operation(
        summary="List the products of a shop",
        query=ShopProductsQuery,
        response=outputs.CardOutput,
        paged=True,
        etag=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        asked = ShopProductsQuery.read_query(request)
        return _page(request, shop_id=shops.public(slug).pk, **asked)


class ProductPage(APIView):
    """One product."""

    permission_classes = [AllowAny]

    @operation(summary="Read a product", response=outputs.PageOutput, etag=True)
    def get(self, request: Request, reference: UUID) -> Response:
        return conditional(request, cards.page(reference, now=timezone.now()))


class Categories(APIView):
    """The tree of goods."""

    permission_classes = [AllowAny]

    @operation(summary="List categories", response=outputs.CategoryOutput, paged=True, etag=True)
    def get(self, request: Request) -> Response:
        position = _TREE.position(request)
        rows = _TREE.page_of(tree.listed(), position)
        return conditional(request, _TREE.payload(request, position, rows, render=_category))


def _page(request: Request, *, ordering: str, **wanted: Any) -> Response:
    keyset = _KEYSETS[ordering]
    position = keyset.position(request)
    rows = keyset.page_of(cards.listed(cards.Wanted(**wanted)), position)
    render = cards.shown_at(timezone.now())
    return conditional(request, keyset.payload(request, position, rows, render=render))


def _category(category: Category) -> dict[str, Any]:
    parent = tree.by_id(category.parent_id) if category.parent_id else None
    return {
        "id": category.reference,
        "slug": category.slug,
        "name": cards.name_of(category),
        "parent": parent.reference if parent else None,
        "product_classes": category.product_classes,
        "licence_kind": category.licence_kind or None,
        "temp_class": category.temp_class,
        "return_class": category.return_class,
        "auto_confirm_hours": category.auto_confirm_hours,
    }
