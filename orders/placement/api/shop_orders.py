"""One shop's part of an order: for its buyer and for its shop."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.http.forms import CodeField, CountField, Form, NothingForm, ReferenceField, TextField
from core.http.idempotency import once
from core.http.paging import Keyset
from core.http.schema import operation
from logistics.parcels.domain.states import ParcelState
from logistics.parcels.selectors import parcels
from logistics.parcels.services.planning import UnknownCarrier, WaybillTaken
from orders.baskets.domain.limits import LINES_MAX
from orders.placement.api.outputs import SellerShopOrderOutput, ShopOrderOutput
from orders.placement.domain.states import ShopOrderState
from orders.placement.selectors import history, promises, shown
from orders.placement.services import completion, posting
from shops.storefronts.selectors import access

_NEWEST = Keyset(("-placed_at", "-id"))


class ShopOrdersQuery(Form):
    """Which shop orders."""

    state = CodeField(ShopOrderState.choices, required=False)


class ParcelLineForm(Form):
    """So many pieces of one line."""

    line = ReferenceField()
    quantity = CountField()


class ParcelForm(Form):
    """A parcel that the shop has handed to a carrier; without lines it holds all that is left."""

    carrier = TextField(max_length=40)
    waybill_no = TextField(max_length=40)
    lines = ParcelLineForm(  # type: ignore[call-arg]
        many=True, min_length=1, max_length=LINES_MAX, required=False
    )

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({line["line"] for line in lines}) < len(lines):
            raise serializers.ValidationError("Each line only once.", code="REPEATED")
        return lines


class ParcelLineOutput(serializers.Serializer):
    """What a parcel holds of one order line."""

    line = serializers.UUIDField()
    sku = serializers.UUIDField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()


class ParcelEventOutput(serializers.Serializer):
    """One report of the carrier."""

    state = serializers.ChoiceField(ParcelState.choices)
    at = serializers.DateTimeField()
    text = serializers.CharField()


class ParcelOutput(serializers.Serializer):
    """A parcel and where it has been."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(ParcelState.choices)
    carrier = serializers.CharField()
    carrier_name = serializers.CharField()
    waybill_no = serializers.CharField()
    temp_class = serializers.CharField()
    gross_g = serializers.IntegerField()
    planned_at = serializers.DateTimeField()
    handed_over_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    lines = ParcelLineOutput(many=True)
    events = ParcelEventOutput(many=True)


class ParcelsOutput(serializers.Serializer):
    """All parcels of a shop order."""

    results = ParcelOutput(many=True)


class PostedParcelOutput(serializers.Serializer):
    """The parcel that was noted."""

    id = serializers.UUIDField()


class Parcels(APIView):
    """The parcels of one shop's part of one's own order."""

    @operation(summary="Follow the parcels", response=ParcelsOutput, refusals=(NotFound,))
    def get(self, request: Request, shop_order: UUID) -> Response:
        part = history.shop_order(buyer_id=seller_of(actor_of(request)), reference=shop_order)
        found = parcels.of_shop_order([str(part.reference)]).get(str(part.reference), [])
        return Response({"results": [_parcel(parcel) for parcel in found]})


class Receipt(APIView):
    """The buyer's word that everything has come."""

    @operation(
        summary="Confirm that everything has come; this completes the shop order",
        request=NothingForm,
        response=ShopOrderOutput,
        status=201,
        refusals=(NotFound, IllegalTransition),
        idempotency="required",
    )
    def post(self, request: Request, shop_order: UUID) -> Response:
        NothingForm.read(request)
        actor = actor_of(request)
        buyer_id = seller_of(actor)
        now = timezone.now()

        def work() -> None:
            completion.receive(
                buyer_id=buyer_id, shop_order_reference=shop_order, actor=actor, now=now
            )

        def render(_: None) -> dict[str, Any]:
            part = history.shop_order(buyer_id=buyer_id, reference=shop_order)
            return shown.shop_order_of(part, promises.of_parts([part]))

        return once(request, work, render)


class ShopsOwn(APIView):
    """What a shop has to send and has sent."""

    @operation(
        summary="List a shop's orders, newest first",
        query=ShopOrdersQuery,
        response=SellerShopOrderOutput,
        refusals=(NotFound, ScopeForbidden),
        paged=True,
        acting_for=(Scope.SHIP,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        query = ShopOrdersQuery.read_query(request)
        seller_id = seller_of(actor_of(request))
        found = access.shop_of_member(seller_id, shop)
        now, position = timezone.now(), _NEWEST.position(request)
        page = _NEWEST.page_of(history.shop_orders_of(found.pk, query.get("state")), position)
        deadlines = promises.of_parts(page)
        return _NEWEST.answer(
            request,
            position,
            page,
            render=lambda part: history.for_seller(part, deadlines, now),
        )


class ShopsParcels(APIView):
    """The parcels that a shop posts itself."""

    @operation(
        summary="Note a parcel that the shop handed to a carrier itself",
        request=ParcelForm,
        response=PostedParcelOutput,
        status=201,
        refusals=(
            InvalidInput,
            NotFound,
            ScopeForbidden,
            IllegalTransition,
            posting.FulfilmentByPlatform,
            posting.NotLeftToShip,
            UnknownCarrier,
            WaybillTaken,
        ),
        idempotency="required",
        acting_for=(Scope.SHIP,),
    )
    def post(self, request: Request, shop_order: UUID) -> Response:
        form = ParcelForm.read(request)
        actor = actor_of(request)
        quantities = {line["line"]: line["quantity"] for line in form.get("lines", [])}
        now = timezone.now()

        def work() -> str:
            return posting.post_parcel(
                seller_id=seller_of(actor),
                shop_order_reference=shop_order,
                carrier=form["carrier"],
                waybill_no=form["waybill_no"],
                quantities=quantities or None,
                actor=actor,
                now=now,
            )

        return once(request, work, lambda reference: {"id": reference})


def _parcel(parcel: parcels.ParcelFacts) -> dict[str, Any]:
    shown_parcel = asdict(parcel)
    shown_parcel["id"] = shown_parcel.pop("reference")
    del shown_parcel["shop_order_reference"]
    shown_parcel["lines"] = [
        {
            "line": line.line_reference,
            "sku": line.sku_reference,
            "title": line.title,
            "quantity": line.quantity,
        }
        for line in parcel.lines
    ]
    return shown_parcel
