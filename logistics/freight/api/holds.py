"""Dispatch holds, for the platform's operators."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of
from core.accounts.permissions import Role, RoleNeeded
from core.errors import IllegalTransition
from core.http.forms import CodeField, Form, InstantField, TextField, forward
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.regions.api.fields import RegionField
from core.transactions import entry
from logistics.freight.domain.holding import HoldKind, HoldState
from logistics.freight.models import DispatchHold
from logistics.freight.selectors import holds
from logistics.freight.services import holding


class HoldForm(Form):
    """Which region, how, for how long, and why; it begins at once where no instant is named."""

    region = RegionField()
    kind = CodeField(choices=HoldKind.choices)
    starts_at = InstantField(required=False, allow_null=True, default=None)
    ends_at = InstantField(required=False, allow_null=True, default=None)
    reason = TextField(max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a window that ends before it starts."""
        forward(attrs, "starts_at", "ends_at")
        return attrs


class LiftingForm(Form):
    """Why goods travel again."""

    reason = TextField(max_length=200, required=False, allow_blank=True)


class HoldOutput(serializers.Serializer[Any]):
    """A region to or from which goods do not travel for a while."""

    id = serializers.UUIDField(source="reference")
    region = serializers.CharField()
    kind = serializers.ChoiceField(choices=HoldKind.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=HoldState.choices)
    lifted_at = serializers.DateTimeField(allow_null=True)


class DispatchHolds(APIView):
    """All holds, the newest first."""

    permission_classes = [RoleNeeded(Role.OPERATOR)]

    @operation(summary="List dispatch holds", response=HoldOutput, paged=True)
    def get(self, request: Request) -> Response:
        return paged(request, holds.all_holds(), ordering=("-made_at", "-id"), render=_shown)

    @operation(
        summary="Hold back what travels to or from a region",
        request=HoldForm,
        response=HoldOutput,
        status=201,
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        form = HoldForm.read(request)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: holding.set_hold(
                region=form["region"],
                kind=HoldKind(form["kind"]),
                starts_at=form["starts_at"],
                ends_at=form["ends_at"],
                reason=form["reason"],
                actor=actor,
                now=now,
            ),
            _shown,
            required=False,
        )


class Lifting(APIView):
    """The end of one hold."""

    permission_classes = [RoleNeeded(Role.OPERATOR)]

    @operation(
        summary="Let goods travel again",
        request=LiftingForm,
        response=HoldOutput,
        refusals=(IllegalTransition,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        form = LiftingForm.read(request)
        hold = holds.one(reference)
        lifted = entry(holding.lift)(
            hold, reason=form.get("reason", ""), actor=actor_of(request), now=timezone.now()
        )
        return Response(_shown(lifted))


def _shown(hold: DispatchHold) -> dict[str, Any]:
    return dict(HoldOutput(hold).data)
