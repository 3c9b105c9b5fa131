"""Shops as buyers see them."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http.etags import conditional
from core.http.schema import operation
from core.regions.selectors import divisions
from shops.storefronts.api import outputs
from shops.storefronts.selectors import shops


class PublicShop(APIView):
    """An open shop."""

    permission_classes = (AllowAny,)

    @operation(summary="Read a shop", response=outputs.PublicShopOutput, etag=True)
    def get(self, request: Request, slug: str) -> Response:
        shop = shops.public(slug)
        return conditional(request, outputs.public_shop(shop, divisions.names([shop.region])))
