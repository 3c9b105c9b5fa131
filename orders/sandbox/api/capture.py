"""The practice provider's cash desk: where a buyer's app would pay."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import IllegalTransition, NotFound
from core.http import examples
from core.http.forms import CodeField, FlagField, Form, WholeNumberField
from core.http.schema import operation
from orders.sandbox.services import cashier


class CaptureForm(Form):
    """How the provider shall behave; an empty body pays as usual."""

    callback = CodeField([choice.value for choice in cashier.Callback], default="SEND")
    delay_s = WholeNumberField(min_value=0, max_value=3_600, default=0)
    even_if_closed = FlagField(default=False)


class CaptureOutput(serializers.Serializer):
    """What stands in the provider's books."""

    state = serializers.CharField()
    amount_fen = serializers.IntegerField()


class Capture(APIView):
    """The buyer pays: the provider notes it and sends its signed callback."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="Sandbox: pay",
        request=CaptureForm,
        example=examples.CAPTURE,
        response=CaptureOutput,
        status=202,
        refusals=(NotFound, IllegalTransition),
    )
    def post(self, request: Request, payment: UUID) -> Response:
        form = CaptureForm.read(request)
        said = cashier.capture(
            reference=str(payment),
            callback=cashier.Callback(form["callback"]),
            delay_s=form["delay_s"],
            even_if_closed=form["even_if_closed"],
            now=timezone.now(),
        )
        return Response(
            {"state": said.state, "amount_fen": said.amount_fen}, status=status.HTTP_202_ACCEPTED
        )
