"""Changing one's mind about an order."""

from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import signed_in
from core.errors import IllegalTransition, NotFound
from core.http.forms import NothingForm
from core.http.idempotency import key_of
from core.http.schema import operation
from orders.payments.providers.protocol import ProviderUnavailable
from orders.payments.services import closing
from orders.placement.selectors import history


class CancellationOutput(serializers.Serializer):
    """What became of the order."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()


class Cancellation(APIView):
    """The cancellation of one order."""

    @operation(
        summary="Cancel an order: unpaid it is closed, paid it is refunded whole before hand-over",
        request=NothingForm,
        response=CancellationOutput,
        status=200,
        refusals=(NotFound, IllegalTransition, closing.DepositStays, ProviderUnavailable),
        idempotency="required",
    )
    def post(self, request: Request, order: UUID) -> Response:
        NothingForm.read(request)
        key_of(request)
        closing.cancel(buyer_id=signed_in(request).pk, order_reference=order, now=timezone.now())
        return Response(history.summary(buyer_id=signed_in(request).pk, reference=order))
