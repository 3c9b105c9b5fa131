"""Paying for an order, and what providers tell us of it."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import signed_in
from core.errors import IllegalTransition, NotFound
from core.http import examples
from core.http.forms import Form, TextField
from core.http.idempotency import IdempotencyMismatch, key_of
from core.http.limits import Limit
from core.http.schema import operation
from orders.payments.domain.states import Instalment
from orders.payments.models import Payment
from orders.payments.providers.protocol import ProviderUnavailable, SignatureInvalid
from orders.payments.services import capturing, paying


class PaymentForm(Form):
    """Which provider the buyer chose."""

    provider = TextField(max_length=20)


class PaymentOutput(serializers.Serializer):
    """A payment; `params` is what the provider's client needs to pay it."""

    id = serializers.UUIDField()
    provider = serializers.CharField()
    state = serializers.CharField()
    instalment = serializers.ChoiceField(Instalment.choices)
    amount_fen = serializers.IntegerField()
    params = serializers.DictField(child=serializers.CharField())


class Payments(APIView):
    """The payments of one order."""

    @operation(
        summary="Pay for an order: all of it, or the deposit or balance that is due",
        request=PaymentForm,
        example=examples.PAYMENT,
        response=PaymentOutput,
        status=201,
        refusals=(
            NotFound,
            IllegalTransition,
            paying.PaymentWindowOver,
            paying.BalanceNotDue,
            IdempotencyMismatch,
            ProviderUnavailable,
        ),
        idempotency="required",
    )
    def post(self, request: Request, order: UUID) -> Response:
        form = PaymentForm.read(request)
        payment = paying.start(
            buyer_id=signed_in(request).pk,
            order_reference=order,
            provider=form["provider"],
            key=key_of(request),
            now=timezone.now(),
        )
        return Response(_shown(payment), status=status.HTTP_201_CREATED)


class Callbacks(APIView):
    """What a provider sends us."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    rate = Limit("payments.callbacks", 6_000, per_s=60)

    @operation(
        summary="A payment provider's signed callback",
        status=204,
        refusals=(NotFound, SignatureInvalid, capturing.UnknownPayment),
    )
    def post(self, request: Request, provider: str) -> Response:
        capturing.receive(provider, headers=request.headers, body=request.body, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(payment: Payment) -> dict[str, Any]:
    return {
        "id": str(payment.reference),
        "provider": payment.provider,
        "state": payment.state,
        "instalment": payment.instalment,
        "amount_fen": payment.amount_fen,
        "params": payment.params,
    }
