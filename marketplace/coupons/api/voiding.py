"""Taking back coupons that were got by fraud, for the platform's operators."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of
from core.accounts.permissions import Role, RoleNeeded
from core.errors import IllegalTransition
from core.http.idempotency import once
from core.http.schema import operation
from marketplace.coupons.api import forms, outputs
from marketplace.coupons.services import voiding


class CouponVoiding(APIView):
    """Voiding one coupon."""

    permission_classes = [RoleNeeded(Role.OPERATOR)]

    @operation(
        summary="Void an unspent coupon; its money is free again",
        request=forms.VoidingForm,
        response=outputs.CouponOutput,
        refusals=(IllegalTransition,),
        idempotency="required",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        said, actor, now = forms.VoidingForm.read(request), actor_of(request), timezone.now()
        return once(
            request,
            lambda: voiding.void(reference, **said, actor=actor, now=now),
            lambda coupon: outputs.coupon(coupon, coupon.state),
            200,
        )


class RingVoiding(APIView):
    """Voiding what a whole ring has."""

    permission_classes = [RoleNeeded(Role.OPERATOR)]

    @operation(
        summary="Void every unspent coupon of everybody in the ring around a trace",
        request=forms.VoidingForm,
        response=outputs.RingVoidedOutput,
        idempotency="required",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        said, actor, now = forms.VoidingForm.read(request), actor_of(request), timezone.now()
        return once(
            request,
            lambda: voiding.void_ring(reference, **said, actor=actor, now=now),
            outputs.ring_voided,
            200,
        )
