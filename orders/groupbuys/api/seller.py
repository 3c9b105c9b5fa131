"""Group buys as shops set them up and call them off."""

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
from orders.groupbuys.api import outputs
from orders.groupbuys.api.forms import CallingOffForm, GroupBuyForm, draft_of
from orders.groupbuys.selectors import offered
from orders.groupbuys.services import selling
from shops.catalogue.services.stock import StockTooLow
from shops.storefronts.selectors import access


class ShopGroupBuys(APIView):
    """The group buys of one's own shop."""

    @operation(
        summary="List the group buys of one's own shop, newest first",
        response=outputs.GroupBuyOutput,
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
        summary="Set up a group buy: its pieces leave the stock at once",
        request=GroupBuyForm,
        response=outputs.GroupBuyOutput,
        status=201,
        refusals=(NotFound, InvalidInput, ActivityOverlap, StockTooLow),
        idempotency="required",
    )
    def post(self, request: Request, shop: UUID) -> Response:
        draft = draft_of(GroupBuyForm.read(request))
        own = access.shop_of_member(signed_in(request).pk, shop)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: selling.set_up(own, draft, actor=actor, now=now),
            lambda terms: offered.shown(offered.group_buy(terms.activity.reference), now),
        )


class CallingOff(APIView):
    """The end of a group buy that its shop cannot deliver."""

    @operation(
        summary="Call a group buy off: undecided teams fail and everybody gets everything back",
        request=CallingOffForm,
        response=outputs.CalledOffOutput,
        status=200,
        refusals=(NotFound,),
        idempotency="required",
    )
    def post(self, request: Request, shop: UUID, group_buy: UUID) -> Response:
        said = CallingOffForm.read(request)
        own = access.shop_of_member(signed_in(request).pk, shop)
        terms = selling.terms_of(own, group_buy)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: selling.call_off(terms, actor=actor, now=now, reason=said["reason"]),
            lambda teams: {"teams": teams},
            status=200,
        )
