"""Who works in a shop; only its owner changes that, and never by somebody else's hand."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of
from core.accounts.phones import PHONE_LENGTH_MAX
from core.http.callers import caller_of
from core.http.forms import Form, TextField
from core.http.limits import Limit, spend_limit
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from shops.storefronts.api import outputs
from shops.storefronts.selectors import access, shops
from shops.storefronts.services import membership

# Nobody hires by the hundred; whoever tries phones out finds little.
ADDITIONS = Limit("members.add", 30, per_s=86_400)


class MemberForm(Form):
    """Whom to let in."""

    phone = TextField(max_length=PHONE_LENGTH_MAX)


class Members(APIView):
    """The people of a shop."""

    @operation(summary="List who works in a shop", response=outputs.MemberOutput, paged=True)
    def get(self, request: Request, reference: UUID) -> Response:
        shop = access.shop_of_member(_self(request), reference)
        return paged(
            request,
            shops.members_of(shop.pk),
            ordering=("joined_at", "id"),
            render=outputs.member,
        )

    @operation(
        summary="Let somebody work in a shop",
        request=MemberForm,
        response=outputs.MemberOutput,
        status=201,
        refusals=(membership.AlreadyMember,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        shop = access.shop_of_owner(_self(request), reference)
        form = MemberForm.read(request)
        spend_limit(ADDITIONS, caller_of(request))
        joined = entry(membership.add)(shop, form["phone"], now=timezone.now())
        return Response(outputs.member(joined), status=201)


class OneMember(APIView):
    """One person of a shop."""

    @operation(
        summary="End somebody's work in a shop", status=204, refusals=(membership.OwnerStays,)
    )
    def delete(self, request: Request, reference: UUID, member: UUID) -> Response:
        shop = access.shop_of_owner(_self(request), reference)
        entry(membership.remove)(shop, member)
        return Response(status=204)


def _self(request: Request) -> int:
    # Without a scope nobody acts for somebody else here.
    return actor_of(request).user_id or 0
