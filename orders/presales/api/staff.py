"""What the platform does about pre-sales that cannot be delivered."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of
from core.accounts.permissions import Role, RoleNeeded
from core.errors import IllegalTransition, NotFound
from core.http.idempotency import once
from core.http.schema import operation
from orders.presales.api import outputs
from orders.presales.api.forms import DefaultForm
from orders.presales.selectors import offered
from orders.presales.services import defaulting


class Default(APIView):
    """The default of a shop that cannot deliver what it sold before."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Say that a pre-sale cannot be delivered: everybody is refunded as it promised",
        request=DefaultForm,
        response=outputs.PresaleOutput,
        refusals=(NotFound, IllegalTransition),
        idempotency="required",
    )
    def post(self, request: Request, presale: UUID) -> Response:
        said, actor, now = DefaultForm.read(request), actor_of(request), timezone.now()
        return once(
            request,
            lambda: defaulting.declare(presale, actor=actor, reason=said["reason"], now=now),
            lambda _: offered.shown(offered.presale(presale), now),
            200,
        )
