"""Coupons by code: made and printed by campaign managers, claimed by whoever holds one."""

from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, signed_in
from core.accounts.permissions import Role, RoleNeeded
from core.errors import IllegalTransition
from core.http.callers import address_of, caller_of
from core.http.forms import NothingForm
from core.http.idempotency import once
from core.http.limits import Limit, spend_limit
from core.http.schema import operation
from marketplace.abuse.api.origins import origin_of
from marketplace.abuse.domain.marks import network_of
from marketplace.abuse.services import watching
from marketplace.coupons.api import forms, outputs
from marketplace.coupons.selectors import codes as made
from marketplace.coupons.services import claims, codes, money, refusals

# A guess is right once in some thousand million million; nobody gets many.
GUESSES = Limit("coupon-codes.person", 20, per_s=3_600)
GUESSES_OF_NETWORK = Limit("coupon-codes.network", 200, per_s=3_600)
CSV = "text/csv"


class Codes(APIView):
    """The codes of a batch, for whoever prints them."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Export the codes of a batch as CSV, from behind the last one that arrived",
        query=forms.CodesQuery,
        response=OpenApiTypes.STR,
        media_type=CSV,
    )
    def get(self, request: Request, reference: UUID) -> StreamingHttpResponse:
        after = forms.CodesQuery.read_query(request)["after"]
        run = made.run_of(reference)
        codes.note_export(run, actor=actor_of(request), after=after)
        answer = StreamingHttpResponse(made.as_csv(run, after), content_type=CSV)
        answer["Content-Disposition"] = f'attachment; filename="codes-{reference}.csv"'
        return answer


class CodeRun(APIView):
    """The making of a batch's codes."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(summary="Read how far the codes of a batch are", response=outputs.CodeRunOutput)
    def get(self, request: Request, reference: UUID) -> Response:  # noqa: ARG002
        return Response(outputs.code_run(made.run_of(reference)))

    @operation(
        summary="Have as many codes made as a batch has pieces",
        request=NothingForm,
        response=outputs.CodeRunOutput,
        status=201,
        refusals=(codes.CodesNotWanted,),
        idempotency="optional",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        NothingForm.read(request)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: codes.start(reference, actor=actor, now=now),
            lambda run: outputs.code_run(made.run_of(run.batch.reference)),
            required=False,
        )


class CodeRunTransitions(APIView):
    """Stopping the making of codes, and going on with it."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Stop the making of codes, or go on with it",
        request=forms.CodeRunForm,
        response=outputs.CodeRunOutput,
        refusals=(IllegalTransition,),
        idempotency="optional",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        said = forms.CodeRunForm.read(request)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: codes.decide(reference, **said, actor=actor, now=now),
            lambda run: outputs.code_run(made.run_of(run.batch.reference)),
            200,
            required=False,
        )


class ClaimsByCode(APIView):
    """Claiming by code."""

    @operation(
        summary="Claim the coupon that a code stands for",
        request=forms.CouponCodeForm,
        response=outputs.CouponOutput,
        status=201,
        refusals=(
            claims.CodeRefused,
            claims.CouponWindow,
            claims.CouponPaused,
            claims.CouponUserLimit,
            claims.CouponSoldOut,
            money.BudgetExhausted,
            *watching.REFUSALS,
        ),
        idempotency="required",
    )
    def post(self, request: Request) -> Response:
        code = forms.CouponCodeForm.read(request)["code"]
        spend_limit(GUESSES, caller_of(request))
        spend_limit(GUESSES_OF_NETWORK, network_of(address_of(request)))
        user_id, origin, now = signed_in(request).pk, origin_of(request), timezone.now()
        with refusals.counted_by_code(code, now):
            return once(
                request,
                lambda: claims.claim_by_code(user_id, code, origin=origin, now=now),
                lambda coupon: outputs.coupon(coupon, coupon.state),
            )
