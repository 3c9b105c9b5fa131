"""Where carriers report."""

from typing import Any

from django.utils import timezone
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.http.limits import Limit
from core.http.schema import operation
from logistics.parcels.providers.protocol import CarrierSignatureInvalid
from logistics.parcels.services import tracking


class Callbacks(APIView):
    """Signed reports of a carrier; hearing one twice changes nothing."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    rate = Limit("parcels.callbacks", 6_000, per_s=60)

    @operation(
        summary="A carrier reports (signed by the carrier)",
        status=204,
        refusals=(CarrierSignatureInvalid, NotFound),
    )
    def post(self, request: Request, carrier: str) -> Response:
        # The signature is over the bytes, so nothing reads them before.
        tracking.take_callback(
            carrier, headers=request.headers, body=request.body, now=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
