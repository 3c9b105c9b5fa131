"""Flash sales as shops and campaign managers plan and end them."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, signed_in
from core.accounts.permissions import Role, RoleNeeded
from core.errors import DomainError, IllegalTransition, InvalidInput, NotFound
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from marketplace.activities.api.forms import EndingForm, FlashSaleForm, draft_of
from marketplace.activities.api.outputs import PlannedFlashSaleOutput
from marketplace.activities.domain import rails
from marketplace.activities.models import Activity
from marketplace.activities.selectors import flash
from marketplace.activities.services import activities
from marketplace.activities.services import flash as planning
from shops.catalogue.services.stock import StockTooLow
from shops.storefronts.selectors import access

PLAN_REFUSALS: tuple[type[DomainError], ...] = (
    NotFound,
    InvalidInput,
    access.ShopNotOpen,
    rails.FlashTooLong,
    rails.FlashListPriceTooLow,
    rails.FlashPriceOutOfRange,
    rails.FlashTooLittleOff,
    activities.FlashSaleExists,
    activities.ActivityOverlap,
    StockTooLow,
)


class ShopFlashSales(APIView):
    """The flash sales of one's own shop."""

    @operation(
        summary="List the flash sales of one's own shop, newest first",
        response=PlannedFlashSaleOutput,
        paged=True,
        refusals=(NotFound,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        return _listed(request, _own(request, shop).pk)

    @operation(
        summary="Plan a flash sale: its pieces leave the stock at once",
        request=FlashSaleForm,
        response=PlannedFlashSaleOutput,
        status=201,
        refusals=PLAN_REFUSALS,
        idempotency="required",
    )
    def post(self, request: Request, shop: UUID) -> Response:
        return _planned(request, _own(request, shop))


class ShopEnding(APIView):
    """The end of a flash sale of one's own shop before its time."""

    @operation(
        summary="End a flash sale for good: orders placed before keep its price",
        request=EndingForm,
        response=PlannedFlashSaleOutput,
        refusals=(NotFound, IllegalTransition),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID, flash_sale: UUID) -> Response:
        said = EndingForm.read(request)
        return _ended(request, flash.one(flash_sale, _own(request, shop).pk), said["reason"])


class StaffFlashSales(APIView):
    """The flash sales of all shops."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="List all flash sales, newest first", response=PlannedFlashSaleOutput, paged=True
    )
    def get(self, request: Request) -> Response:
        return _listed(request, None)

    @operation(
        summary="Plan a flash sale of a shop's goods: its pieces leave the stock at once",
        request=FlashSaleForm,
        response=PlannedFlashSaleOutput,
        status=201,
        refusals=PLAN_REFUSALS,
        idempotency="required",
    )
    def post(self, request: Request) -> Response:
        return _planned(request, None)


class StaffEnding(APIView):
    """The end of any flash sale before its time."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="End a flash sale for good: orders placed before keep its price",
        request=EndingForm,
        response=PlannedFlashSaleOutput,
        refusals=(NotFound, IllegalTransition),
        idempotency="optional",
    )
    def post(self, request: Request, flash_sale: UUID) -> Response:
        said = EndingForm.read(request)
        return _ended(request, flash.one(flash_sale), said["reason"])


def _own(request: Request, shop: UUID) -> Any:
    # Nobody sells below the price for somebody else: no mandate allows it.
    return access.shop_of_member(signed_in(request).pk, shop)


def _listed(request: Request, shop_id: int | None) -> Response:
    now = timezone.now()
    return paged(
        request,
        flash.every() if shop_id is None else flash.of_shop(shop_id),
        ordering=("-created_at", "-id"),
        render=lambda row: flash.shown_to_its_shop(row, now),
    )


def _planned(request: Request, shop: Any) -> Response:
    draft = draft_of(FlashSaleForm.read(request))
    actor, now = actor_of(request), timezone.now()
    return once(
        request,
        lambda: planning.plan(draft, shop=shop, actor=actor, now=now),
        lambda row: flash.shown_to_its_shop(flash.one(row.reference), now),
    )


def _ended(request: Request, row: Activity, reason: str) -> Response:
    actor, now = actor_of(request), timezone.now()
    return once(
        request,
        lambda: activities.end(row, actor=actor, now=now, reason=reason),
        lambda _: flash.shown_to_its_shop(flash.one(row.reference), now),
        200,
        required=False,
    )
