"""Pre-sales for buyers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, seller_of, signed_in
from core.accounts.domain.roles import Scope
from core.errors import NotFound
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from marketplace.abuse.api.origins import origin_of
from orders.placement.api import admission
from orders.placement.api.refusals import ORDER_REFUSALS
from orders.placement.api.wishing import wish_of
from orders.placement.selectors import shown
from orders.presales.api import outputs
from orders.presales.api.forms import PreorderForm, PresalesQuery
from orders.presales.selectors import offered
from orders.presales.services import placing
from orders.presales.services.placing import Preordered


class Presales(APIView):
    """What can be ordered before it is there."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="List the pre-sales that run now",
        query=PresalesQuery,
        response=outputs.PresaleOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        query = PresalesQuery.read_query(request)
        now = timezone.now()
        return paged(
            request,
            offered.running(now, product=query.get("product")),
            ordering=("-id",),
            render=lambda terms: offered.shown(terms, now),
        )


class Presale(APIView):
    """One pre-sale."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(summary="Show a pre-sale", response=outputs.PresaleOutput, refusals=(NotFound,))
    def get(self, request: Request, presale: UUID) -> Response:  # noqa: ARG002
        return Response(offered.shown(offered.presale(presale), timezone.now()))


class Preorders(admission.OneOfManyCheckouts):
    """The orders of a pre-sale."""

    @operation(
        summary="Order in a pre-sale: its deposit, or all of it, is then to be paid",
        request=PreorderForm,
        response=outputs.PreorderedOutput,
        status=201,
        refusals=(*ORDER_REFUSALS, admission.CheckoutCrowded, placing.ForecastExceeded),
        idempotency="required",
        acting_for=(Scope.BUY,),
    )
    def post(self, request: Request, presale: UUID) -> Response:
        wish = wish_of(PreorderForm.read(request), origin_of(request))
        actor = actor_of(request)
        buyer_id, now = seller_of(actor), timezone.now()
        with admission.at_the_counter():
            return once(
                request,
                lambda: placing.place(presale, wish, buyer_id=buyer_id, actor=actor, now=now),
                lambda made: _shown(made, now),
            )


class MyPreorders(APIView):
    """What one ordered in pre-sales."""

    @operation(
        summary="List one's own orders in pre-sales, newest first",
        response=outputs.PreorderOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return paged(
            request,
            offered.preorders_of(signed_in(request).pk),
            ordering=("-created_at", "-id"),
            render=lambda preorder: offered.preorder_shown(preorder, now),
        )


def _shown(made: Preordered, now: datetime) -> dict[str, Any]:
    placed = made.placed
    order = shown.placed_order_of(placed.order, placed.shop_orders, placed.lines, placed.quote)
    return {
        "preorder": offered.preorder_shown(made.preorder, now),
        "order": order | {"server_time": now},
    }
