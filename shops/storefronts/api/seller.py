"""A seller's shops."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.audit.actors import Actor
from core.errors import IllegalTransition
from core.http import examples
from core.http.etags import check_match, conditional
from core.http.forms import CodeField, Form, NothingForm, TextField
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.periods import local_day
from core.regions.api.fields import CountyField
from core.regions.selectors import divisions
from core.transactions import entry
from shops.storefronts.api import outputs
from shops.storefronts.domain.licensing import Fulfilment, ShopKind
from shops.storefronts.models import Shop
from shops.storefronts.selectors import access, papers, shops
from shops.storefronts.services import founding, reviewing


class ShopForm(Form):
    """What a seller says about a shop to begin with."""

    name = TextField(max_length=40)
    kind = CodeField(choices=ShopKind.choices)
    region = CountyField()
    intro = TextField(max_length=500, multiline=True, required=False, allow_blank=True)


class ShopChangesForm(ShopForm):
    """What a seller may change."""

    fulfilment = CodeField(choices=Fulfilment.choices, required=False)


class Shops(APIView):
    """The shops somebody works in."""

    @operation(
        summary="List one's shops",
        response=outputs.ShopOutput,
        paged=True,
        acting_for=(Scope.LIST,),
    )
    def get(self, request: Request) -> Response:
        mine = shops.of_member(seller_of(actor_of(request)))
        names = divisions.names(mine.values_list("region", flat=True))
        return paged(
            request,
            mine,
            ordering=("-created_at", "-id"),
            render=lambda shop: outputs.own_shop(shop, names),
        )

    @operation(
        summary="Begin a shop",
        request=ShopForm,
        example=examples.NEW_SHOP,
        response=outputs.ShopOutput,
        status=201,
        idempotency="optional",
        acting_for=(Scope.LIST,),
    )
    def post(self, request: Request) -> Response:
        form, actor = ShopForm.read(request), actor_of(request)
        now = timezone.now()
        return once(
            request,
            work=lambda: founding.found(seller_of(actor), actor=actor, now=now, **form),
            render=shown,
            required=False,
        )


class OneShop(APIView):
    """One of one's shops."""

    @operation(
        summary="Read one's shop", response=outputs.ShopOutput, etag=True, acting_for=(Scope.LIST,)
    )
    def get(self, request: Request, reference: UUID) -> Response:
        _, shop = acting_for_shop(request, reference)
        return conditional(request, shown(shop), version=shop.version)

    @operation(
        summary="Change what a shop says about itself",
        request=ShopChangesForm,
        response=outputs.ShopOutput,
        refusals=(founding.ShopLocked, founding.ShopChanged),
        if_match=True,
        acting_for=(Scope.LIST,),
    )
    def patch(self, request: Request, reference: UUID) -> Response:
        _, shop = acting_for_shop(request, reference)
        form = ShopChangesForm.read(request, partial=True)
        check_match(request, shop.version)
        changed = entry(founding.change)(shop, form)
        return conditional(request, shown(changed), version=changed.version)


class Checklist(APIView):
    """What a shop still needs."""

    @operation(
        summary="Read what a shop needs to open",
        response=outputs.ChecklistOutput,
        acting_for=(Scope.LIST,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        _, shop = acting_for_shop(request, reference)
        return Response(outputs.checklist(papers.checklist(shop, on=local_day(timezone.now()))))


class Submission(APIView):
    """Asking to be reviewed."""

    @operation(
        summary="Ask for the review of a shop",
        request=NothingForm,
        response=outputs.ShopOutput,
        refusals=(reviewing.ChecklistIncomplete, IllegalTransition),
        acting_for=(Scope.LIST,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        actor, shop = acting_for_shop(request, reference)
        NothingForm.read(request)
        return Response(shown(entry(reviewing.submit)(shop, actor=actor, now=timezone.now())))


def acting_for_shop(request: Request, reference: UUID) -> tuple[Actor, Shop]:
    """Return who acts and the shop they may act in.

    Raises:
        NotFound: whoever it is for does not work there.
        ScopeForbidden: they act for somebody without a mandate.
    """
    actor = actor_of(request)
    return actor, access.shop_of_member(seller_of(actor), reference)


def shown(shop: Shop) -> dict[str, Any]:
    """Return a shop as its members see it."""
    return outputs.own_shop(shop, divisions.names([shop.region]))
