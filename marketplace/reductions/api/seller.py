"""Full reductions as shops set them up and end them."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, signed_in
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from marketplace.reductions.api import outputs
from marketplace.reductions.api.forms import EndingForm, ReductionForm, draft_of
from marketplace.reductions.selectors import shown
from marketplace.reductions.services import reductions
from shops.storefronts.selectors import access


class OwnReductions(APIView):
    """The full reductions of one's own shop."""

    @operation(
        summary="List the full reductions of one's own shop, newest first",
        response=outputs.ReductionOutput,
        paged=True,
        refusals=(NotFound,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        own = _own(request, shop)
        now = timezone.now()
        return paged(
            request,
            shown.of_shop(own.pk),
            ordering=("-created_at", "-id"),
            render=lambda row: shown.shown(row, now),
        )

    @operation(
        summary="Set up a full reduction: it counts inside its window by itself",
        request=ReductionForm,
        response=outputs.ReductionOutput,
        status=201,
        refusals=(NotFound, InvalidInput, reductions.ReductionOverlap),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID) -> Response:
        draft = draft_of(ReductionForm.read(request))
        own = _own(request, shop)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: reductions.set_up(own, draft, actor=actor, now=now),
            lambda row: shown.shown(shown.one(own.pk, row.reference), now),
            required=False,
        )


class Ending(APIView):
    """The end of a full reduction before its time."""

    @operation(
        summary="End a full reduction: orders placed before keep it",
        request=EndingForm,
        response=outputs.ReductionOutput,
        refusals=(NotFound, IllegalTransition),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID, reference: UUID) -> Response:
        said = EndingForm.read(request)
        own = _own(request, shop)
        row = shown.one(own.pk, reference)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: reductions.end(row, actor=actor, now=now, reason=said["reason"]),
            lambda _: shown.shown(shown.one(own.pk, reference), now),
            200,
            required=False,
        )


def _own(request: Request, shop: UUID) -> Any:
    # Nobody gives money away for somebody else: no mandate allows it.
    return access.shop_of_member(signed_in(request).pk, shop)
