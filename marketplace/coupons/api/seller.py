"""A shop's own coupons, and the platform's batches that it bears a part of."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.errors import IllegalTransition
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from marketplace.coupons.api import forms, outputs
from marketplace.coupons.selectors import shown
from marketplace.coupons.services import acceptance, batches, deciding, editing
from shops.storefronts.selectors import access


class ShopBatches(APIView):
    """The batches a shop issues itself."""

    @operation(
        summary="List one's own coupon batches",
        response=outputs.BatchOutput,
        paged=True,
        refusals=(ScopeForbidden,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        own = _own(request, shop)
        return paged(
            request,
            shown.batches(issuer_shop=own),
            ordering=("-created_at", "-id"),
            render=outputs.own_batch,
        )

    @operation(
        summary="Draft a coupon batch of one's own",
        request=forms.ShopBatchForm,
        response=outputs.BatchOutput,
        status=201,
        refusals=(ScopeForbidden,),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID) -> Response:
        wanted = forms.draft_of(forms.ShopBatchForm.read(request))
        own = _own(request, shop)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: batches.draft(wanted, actor=actor, now=now, issuer_shop=own),
            lambda batch: outputs.own_batch(shown.batch(batch.reference)),
            required=False,
        )


class ShopBatch(APIView):
    """One batch a shop issues itself."""

    @operation(
        summary="Read a coupon batch of one's own",
        response=outputs.BatchOutput,
        refusals=(ScopeForbidden,),
    )
    def get(self, request: Request, shop: UUID, reference: UUID) -> Response:
        own = _own(request, shop)
        return Response(outputs.own_batch(shown.batch(reference, issuer_shop=own)))

    @operation(
        summary="Change a draft of one's own, or give a batch more pieces or a later end",
        request=forms.ShopBatchForm,
        response=outputs.BatchOutput,
        refusals=(editing.BatchFixed, ScopeForbidden),
    )
    def patch(self, request: Request, shop: UUID, reference: UUID) -> Response:
        changes = forms.changes_of(forms.ShopBatchForm.read(request, partial=True))
        own = _own(request, shop)
        actor, now = actor_of(request), timezone.now()
        entry(editing.edit)(reference, changes, actor=actor, now=now, issuer_shop=own)
        return Response(outputs.own_batch(shown.batch(reference)))


class ShopBatchTransitions(APIView):
    """Steps in the life of a shop's own batch."""

    @operation(
        summary="Submit, approve, reject, pause, resume, end or close a batch of one's own",
        request=forms.TransitionForm,
        response=outputs.BatchOutput,
        refusals=(IllegalTransition, ScopeForbidden),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID, reference: UUID) -> Response:
        said = forms.TransitionForm.read(request)
        own = _own(request, shop)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: deciding.decide(reference, **said, actor=actor, now=now, issuer_shop=own),
            lambda batch: outputs.own_batch(shown.batch(batch.reference)),
            200,
            required=False,
        )


class AcceptedBatches(APIView):
    """The platform's batches that ask shops for a part, and which of them the shop accepted."""

    @operation(
        summary="List batches that ask for the shop's part",
        response=outputs.JoinableOutput,
        paged=True,
        refusals=(ScopeForbidden,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        own = _own(request, shop)
        return paged(
            request,
            shown.joinable(own),
            ordering=("-created_at", "-id"),
            render=outputs.joinable,
        )

    @operation(
        summary="Bear the shop's part of a batch",
        request=forms.AcceptanceForm,
        response=outputs.AcceptanceOutput,
        status=201,
        refusals=(acceptance.NothingToAccept, ScopeForbidden),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID) -> Response:
        said = forms.AcceptanceForm.read(request)
        own = _own(request, shop)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: acceptance.accept(said["batch"], shop=own, actor=actor, now=now),
            outputs.acceptance,
            required=False,
        )


def _own(request: Request, shop: UUID) -> Any:
    # Nobody runs coupons for somebody else: no mandate allows it.
    return access.shop_of_member(seller_of(actor_of(request)), shop)
