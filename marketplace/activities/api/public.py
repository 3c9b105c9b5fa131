"""Flash sales for buyers: what runs, what is to come, and how much is left."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.http.paging import paged
from core.http.schema import operation
from marketplace.activities.api.forms import FlashSalesQuery
from marketplace.activities.api.outputs import FlashSaleOutput
from marketplace.activities.selectors import flash


class FlashSales(APIView):
    """What is sold in flash sales."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="List the flash sales that run and those to come, the earliest first",
        query=FlashSalesQuery,
        response=FlashSaleOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        query = FlashSalesQuery.read_query(request)
        now = timezone.now()
        return paged(
            request,
            flash.public(now, **query),
            ordering=("starts_at", "id"),
            render=lambda row: flash.shown(row, now),
        )


class FlashSale(APIView):
    """One flash sale."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="Show a flash sale, over or not", response=FlashSaleOutput, refusals=(NotFound,)
    )
    def get(self, request: Request, flash_sale: UUID) -> Response:  # noqa: ARG002
        return Response(flash.shown(flash.one(flash_sale), timezone.now()))
