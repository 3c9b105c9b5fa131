"""The practice carrier's own van: where a scan is made by hand."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import IllegalTransition, NotFound
from core.http.forms import CodeField, Form
from core.http.schema import operation
from logistics.sandbox.domain import codes
from logistics.sandbox.services import depot


class EventForm(Form):
    """What happens to the parcel."""

    state = CodeField(sorted(codes.BY_STATE))


class EventOutput(serializers.Serializer):
    """What the carrier noted."""

    event_id = serializers.UUIDField()
    state = serializers.CharField()
    at = serializers.DateTimeField()


class Events(APIView):
    """The carrier notes a scan and sends its signed callback."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="Sandbox: scan a parcel",
        request=EventForm,
        response=EventOutput,
        status=202,
        refusals=(NotFound, IllegalTransition),
    )
    def post(self, request: Request, parcel: UUID) -> Response:
        state = EventForm.read(request)["state"]
        noted = depot.report(reference=parcel, code=codes.BY_STATE[state], now=timezone.now())
        answer = {"event_id": noted.event_id, "state": state, "at": noted.at}
        return Response(EventOutput(answer).data, status=status.HTTP_202_ACCEPTED)
