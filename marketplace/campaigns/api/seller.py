"""Enrolments as shops hand them in and take them back."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, signed_in
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.http.forms import NothingForm
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from marketplace.campaigns.api import outputs
from marketplace.campaigns.api.forms import EnrolmentForm, ShopEnrolmentsQuery
from marketplace.campaigns.domain.drafts import Offer
from marketplace.campaigns.selectors import enrolled
from marketplace.campaigns.services import enrolments
from marketplace.sections.services.pins import SectionOriginMismatch
from shops.storefronts.selectors import access


class ShopEnrolments(APIView):
    """What one's own shop offers to campaigns."""

    @operation(
        summary="List what one's own shop offers to campaigns, newest first",
        query=ShopEnrolmentsQuery,
        response=outputs.EnrolmentOutput,
        paged=True,
        refusals=(NotFound,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        asked = ShopEnrolmentsQuery.read_query(request)
        own = access.shop_of_member(signed_in(request).pk, shop)
        rows = enrolled.of_shop(own.pk, campaign=asked["campaign"])
        return paged(request, rows, ordering=("-id",), render=outputs.enrolment)

    @operation(
        summary="Offer goods to a campaign: an approval sets the pieces aside",
        request=EnrolmentForm,
        response=outputs.EnrolmentOutput,
        status=201,
        refusals=(
            NotFound,
            InvalidInput,
            access.ShopNotOpen,
            enrolments.EnrolmentClosed,
            enrolments.AlreadyEnrolled,
            SectionOriginMismatch,
        ),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID) -> Response:
        said = EnrolmentForm.read(request)
        own = access.shop_of_member(signed_in(request).pk, shop)
        campaign, offer = said.pop("campaign"), Offer(**said)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: enrolments.enrol(own, campaign, offer, actor=actor, now=now),
            lambda row: outputs.enrolment(enrolled.one(row.reference)),
            required=False,
        )


class Withdrawal(APIView):
    """Taking back what nobody has decided about."""

    @operation(
        summary="Take an enrolment back that nobody has decided about",
        request=NothingForm,
        response=outputs.EnrolmentOutput,
        refusals=(NotFound, IllegalTransition),
        idempotency="optional",
    )
    def post(self, request: Request, shop: UUID, reference: UUID) -> Response:
        NothingForm.read(request)
        own = access.shop_of_member(signed_in(request).pk, shop)
        row = enrolled.one_of_shop(own.pk, reference)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: enrolments.withdraw(row, actor=actor, now=now),
            lambda _: outputs.enrolment(enrolled.one(reference)),
            200,
            required=False,
        )
