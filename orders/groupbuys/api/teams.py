"""Group buys and teams, for buyers and for whoever was sent a link."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, seller_of, signed_in
from core.accounts.domain.roles import Scope
from core.audit.actors import Actor
from core.errors import NotFound
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from marketplace.abuse.api.origins import origin_of
from orders.groupbuys.api import outputs
from orders.groupbuys.api.forms import GroupBuysQuery, SeatForm
from orders.groupbuys.selectors import offered
from orders.groupbuys.services import joining
from orders.groupbuys.services.joining import Seated
from orders.placement.api import admission
from orders.placement.api.refusals import ORDER_REFUSALS
from orders.placement.api.wishing import wish_of
from orders.placement.selectors import shown

SEAT_REFUSALS = (*ORDER_REFUSALS, admission.CheckoutCrowded, joining.AlreadyInTeam)


class GroupBuys(APIView):
    """What is sold to teams now."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="List the group buys that run now",
        query=GroupBuysQuery,
        response=outputs.GroupBuyOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        query = GroupBuysQuery.read_query(request)
        now = timezone.now()
        return paged(
            request,
            offered.running(now, product=query.get("product")),
            ordering=("-id",),
            render=lambda terms: offered.shown(terms, now),
        )


class GroupBuy(APIView):
    """One group buy."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="Show a group buy, with teams that wait for somebody",
        response=outputs.GroupBuyWithTeamsOutput,
        refusals=(NotFound,),
    )
    def get(self, request: Request, group_buy: UUID) -> Response:  # noqa: ARG002
        found = offered.group_buy(group_buy)
        return Response(offered.shown_with_teams(found, timezone.now()))


class Teams(admission.OneOfManyCheckouts):
    """The teams of a group buy."""

    @operation(
        summary="Open a team and order the first seat: it forms once this is paid",
        request=SeatForm,
        response=outputs.SeatedOutput,
        status=201,
        refusals=SEAT_REFUSALS,
        idempotency="required",
        acting_for=(Scope.BUY,),
    )
    def post(self, request: Request, group_buy: UUID) -> Response:
        return _seat(request, group_buy, joining.open_team)


class Team(APIView):
    """One team, as its link shows it."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(summary="Show a team", response=outputs.TeamOutput, refusals=(NotFound,))
    def get(self, request: Request, team: UUID) -> Response:  # noqa: ARG002
        return Response(offered.team_shown(offered.team(team), timezone.now()))


class Members(admission.OneOfManyCheckouts):
    """The seats of a team."""

    @operation(
        summary="Join a team: order one of its free seats",
        request=SeatForm,
        response=outputs.SeatedOutput,
        status=201,
        refusals=(*SEAT_REFUSALS, joining.TeamFull, joining.TeamClosed),
        idempotency="required",
        acting_for=(Scope.BUY,),
    )
    def post(self, request: Request, team: UUID) -> Response:
        return _seat(request, team, joining.join)


class MyTeams(APIView):
    """The teams one is or was in."""

    @operation(summary="List one's own seats in teams", response=outputs.SeatOutput, paged=True)
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return paged(
            request,
            offered.teams_of(signed_in(request).pk),
            ordering=("-joined_at", "-id"),
            render=lambda seat: offered.seat_shown(seat, now),
        )


def _seat(request: Request, reference: UUID, take: Callable[..., Seated]) -> Response:
    wish = wish_of(SeatForm.read(request), origin_of(request))
    actor: Actor = actor_of(request)
    buyer_id, now = seller_of(actor), timezone.now()
    with admission.at_the_counter():
        return once(
            request,
            lambda: take(reference, wish, buyer_id=buyer_id, actor=actor, now=now),
            lambda seated: _shown(seated, now),
        )


def _shown(seated: Seated, now: datetime) -> dict[str, Any]:
    placed = seated.placed
    order = shown.placed_order_of(placed.order, placed.shop_orders, placed.lines, placed.quote)
    return {
        "team": offered.team_shown(seated.team, now),
        "order": order | {"server_time": now},
    }
