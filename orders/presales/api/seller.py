"""Pre-sales as shops plan them."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, signed_in
from core.errors import InvalidInput, NotFound
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from marketplace.activities.services.activities import ActivityOverlap
from orders.presales.api import outputs
from orders.presales.api.forms import PresaleForm, draft_of
from orders.presales.selectors import offered
from orders.presales.services import planning
from shops.catalogue.services.stock import StockTooLow
from shops.storefronts.selectors import access


class ShopPresales(APIView):
    """The pre-sales of one's own shop."""

    @operation(
        summary="List the pre-sales of one's own shop, newest first",
        response=outputs.PresaleOutput,
        paged=True,
        refusals=(NotFound,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        own = access.shop_of_member(signed_in(request).pk, shop)
        now = timezone.now()
        return paged(
            request,
            offered.of_shop(own.pk),
            ordering=("-id",),
            render=lambda terms: offered.shown(terms, now),
        )

    @operation(
        summary="Plan a pre-sale: its pieces leave the stock at once",
        request=PresaleForm,
        response=outputs.PresaleOutput,
        status=201,
        refusals=(NotFound, InvalidInput, ActivityOverlap, StockTooLow),
        idempotency="required",
    )
    def post(self, request: Request, shop: UUID) -> Response:
        draft = draft_of(PresaleForm.read(request))
        own = access.shop_of_member(signed_in(request).pk, shop)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: planning.plan(own, draft, actor=actor, now=now),
            lambda terms: offered.shown(offered.presale(terms.activity.reference), now),
        )
