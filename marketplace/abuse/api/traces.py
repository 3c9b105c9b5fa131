"""What was noted of claims and orders, for the platform's operators."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.permissions import Role, RoleNeeded
from core.http.forms import CodeField, Form
from core.http.paging import paged
from core.http.schema import operation
from marketplace.abuse.domain.rules import Code, Deed, Outcome
from marketplace.abuse.models import Trace
from marketplace.abuse.selectors import rings


class TracesQuery(Form):
    """Which traces."""

    outcome = CodeField(
        choices=[(one.value, one.label) for one in (Outcome.ALLOW, Outcome.REVIEW)],
        required=False,
    )


class TraceOutput(serializers.Serializer[Any]):
    """A claim or an order as it was judged."""

    id = serializers.UUIDField()
    deed = serializers.ChoiceField(choices=Deed.choices)
    subject = serializers.UUIDField(help_text="The batch of a claim, or the order")
    user = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    code = serializers.ChoiceField(choices=Code.choices, allow_blank=True)
    at = serializers.DateTimeField()


class ClaimedOutput(serializers.Serializer[Any]):
    """Who claimed of which batch."""

    user = serializers.UUIDField()
    batch = serializers.UUIDField()


class RingOutput(serializers.Serializer[Any]):
    """Everybody who shares a device, a recipient or an address with one trace."""

    users = serializers.ListField(child=serializers.UUIDField())
    claims = ClaimedOutput(many=True)
    orders = serializers.ListField(child=serializers.UUIDField())


class Traces(APIView):
    """What was noted, the newest first."""

    permission_classes = [RoleNeeded(Role.OPERATOR)]

    @operation(
        summary="List what was noted of claims and orders",
        query=TracesQuery,
        response=TraceOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        outcome = TracesQuery.read_query(request).get("outcome", "")
        return paged(request, rings.traces(outcome), ordering=("-at", "-id"), render=_trace)


class RingAround(APIView):
    """The ring around one trace."""

    permission_classes = [RoleNeeded(Role.OPERATOR)]

    @operation(summary="Read who shares a mark with a trace", response=RingOutput)
    def get(self, request: Request, reference: UUID) -> Response:  # noqa: ARG002
        ring = rings.ring_of(rings.one(reference))
        return Response(
            {
                "users": [str(user) for user in ring.users],
                "claims": [{"user": str(user), "batch": str(batch)} for user, batch in ring.claims],
                "orders": [str(order) for order in ring.orders],
            }
        )


def _trace(row: Trace) -> dict[str, Any]:
    return {
        "id": str(row.reference),
        "deed": row.deed,
        "subject": str(row.subject),
        "user": str(row.user.reference),
        "outcome": row.outcome,
        "code": row.code,
        "at": row.at,
    }
