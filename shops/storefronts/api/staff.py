"""Shops as the platform's reviewers see them, each within the region of their organisation."""

from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, signed_in
from core.accounts.permissions import Role, RoleNeeded
from core.accounts.selectors import roles
from core.errors import IllegalTransition
from core.http.enums import offered
from core.http.etags import check_match, conditional
from core.http.forms import CodeField, Form, TextField
from core.http.paging import paged
from core.http.schema import operation
from core.regions.selectors import divisions
from core.transactions import entry
from shops.storefronts.api import outputs
from shops.storefronts.domain.states import ShopState
from shops.storefronts.models import Shop
from shops.storefronts.selectors import papers as reading
from shops.storefronts.selectors import shops
from shops.storefronts.services import papers, reviewing


class ShopsQuery(Form):
    """Which shops."""

    state = CodeField(choices=ShopState.choices, required=False)


class DecisionForm(Form):
    """What the reviewer decides, and why."""

    decision = CodeField(choices=reviewing.Decision.choices)
    reason = TextField(max_length=200, required=False, allow_blank=True)


@offered
class Verdict(models.TextChoices):
    """What a reviewer can say about one paper."""

    ACCEPT = "ACCEPT", "Accept|认可"
    REVOKE = "REVOKE", "Revoke|撤销"


class VerdictForm(Form):
    """What the reviewer says about one paper, and why."""

    decision = CodeField(choices=Verdict.choices)
    reason = TextField(max_length=200, required=False, allow_blank=True)


class StaffShops(APIView):
    """The shops of a reviewer's region."""

    permission_classes = (RoleNeeded(Role.REVIEWER),)

    @operation(
        summary="List shops to review", query=ShopsQuery, response=outputs.ShopOutput, paged=True
    )
    def get(self, request: Request) -> Response:
        query = ShopsQuery.read_query(request)
        scope = roles.region_scope(signed_in(request).pk, Role.REVIEWER)
        chosen = shops.in_scope(scope, query.get("state"))
        return paged(
            request,
            chosen,
            ordering=("submitted_at", "id"),
            render=lambda shop: outputs.own_shop(shop, divisions.names([shop.region])),
        )


class StaffShop(APIView):
    """One shop with its papers."""

    permission_classes = (RoleNeeded(Role.REVIEWER),)

    @operation(
        summary="Read a shop with its papers", response=outputs.ReviewedShopOutput, etag=True
    )
    def get(self, request: Request, reference: UUID) -> Response:
        shop = _in_scope(request, reference)
        shown = _shown(shop) | {
            "licences": [outputs.reviewed_licence(one) for one in reading.of_shop(shop.pk)],
            "members": [outputs.reviewed_member(one) for one in shops.members_of(shop.pk)],
        }
        return conditional(request, shown, version=shop.version)


class Decisions(APIView):
    """What becomes of a shop."""

    permission_classes = (RoleNeeded(Role.REVIEWER),)

    @operation(
        summary="Open, send back, suspend or reopen a shop",
        request=DecisionForm,
        response=outputs.ShopOutput,
        refusals=(
            reviewing.OwnShop,
            reviewing.ChecklistIncomplete,
            IllegalTransition,
        ),
        if_match=True,
    )
    def post(self, request: Request, reference: UUID) -> Response:
        shop = _in_scope(request, reference)
        form = DecisionForm.read(request)
        check_match(request, shop.version)
        decided = entry(reviewing.decide)(
            shop,
            form["decision"],
            actor=actor_of(request),
            reason=form.get("reason", ""),
            now=timezone.now(),
        )
        return Response(_shown(decided))


class LicenceDecisions(APIView):
    """What becomes of one paper of an open shop."""

    permission_classes = (RoleNeeded(Role.REVIEWER),)

    @operation(
        summary="Accept or revoke one paper",
        request=VerdictForm,
        response=outputs.ReviewedLicenceOutput,
        refusals=(reviewing.OwnShop, IllegalTransition),
    )
    def post(self, request: Request, reference: UUID, licence: UUID) -> Response:
        shop = _in_scope(request, reference)
        paper = reading.of_shop_by_reference(shop.pk, licence)
        form = VerdictForm.read(request)
        judge = papers.accept if form["decision"] == Verdict.ACCEPT else papers.revoke
        entry(judge)(
            paper, actor=actor_of(request), reason=form.get("reason", ""), now=timezone.now()
        )
        judged = reading.of_shop_by_reference(shop.pk, licence)
        return Response(outputs.reviewed_licence(judged))


def _in_scope(request: Request, reference: UUID) -> Shop:
    scope = roles.region_scope(signed_in(request).pk, Role.REVIEWER)
    return shops.one_in_scope(scope, reference)


def _shown(shop: Shop) -> dict[str, Any]:
    return outputs.own_shop(shop, divisions.names([shop.region]))
