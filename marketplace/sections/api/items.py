"""Items of co-branded sections: what the partner, the platform and the seller do with them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.accounts.permissions import Role, RoleNeeded
from core.audit.history import life_of
from core.errors import IllegalTransition
from core.http.forms import CodeField, Form, ReferenceField, TextField
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from marketplace.sections.api import outputs
from marketplace.sections.domain.reviewing import ITEM, ItemDecision, ItemState, Side
from marketplace.sections.models import Section, SectionItem
from marketplace.sections.selectors import items as shown
from marketplace.sections.selectors import managing, membership
from marketplace.sections.services import items, pins
from shops.catalogue.selectors import goods

Finder = Callable[[int, str], Section]
_UNFIT = (items.NotCoBranded, items.AlreadyProposed, pins.SectionOriginMismatch)


class ItemsQuery(Form):
    """Which items."""

    state = CodeField(choices=ItemState.choices, required=False)


class ProposalForm(Form):
    """Which product to propose."""

    product = ReferenceField()


class SectionNameForm(Form):
    """Which section to propose a product for."""

    section = TextField(max_length=40)


class DecisionForm(Form):
    """What a side says about an item, and why."""

    decision = CodeField(choices=ItemDecision.choices)
    reason = TextField(max_length=200, required=False, allow_blank=True)


class StepOutput(serializers.Serializer[Any]):
    """One step of an item's life: who took it, and when."""

    action = serializers.CharField()
    to_state = serializers.CharField()
    by = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class ItemOutput(serializers.Serializer[Any]):
    """A product proposed for a co-branded section."""

    id = serializers.UUIDField()
    section = serializers.CharField()
    product = serializers.UUIDField()
    title = serializers.CharField()
    shop = serializers.CharField()
    origin = serializers.CharField()
    state = serializers.ChoiceField(choices=ItemState.choices)
    partner_approved = serializers.BooleanField()
    platform_approved = serializers.BooleanField()
    proposed_at = serializers.DateTimeField()
    partner_at = serializers.DateTimeField(allow_null=True)
    platform_at = serializers.DateTimeField(allow_null=True)


class ItemWithStepsOutput(ItemOutput):
    """An item with everything that was decided about it."""

    steps = StepOutput(many=True)


class _Items(APIView):
    """The items of a section, for one of its sides."""

    find: Finder

    @operation(
        summary="List the items of a co-branded section",
        query=ItemsQuery,
        response=ItemOutput,
        paged=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        state = ItemsQuery.read_query(request).get("state", "")
        section = type(self).find(_caller(request), slug)
        rows = shown.items_of(section, state)
        return paged(request, rows, ordering=("-proposed_at", "-id"), render=item)


class _OneItem(APIView):
    """One item, for one of its sides."""

    find: Finder

    @operation(summary="Read an item with its steps", response=ItemWithStepsOutput)
    def get(self, request: Request, slug: str, reference: UUID) -> Response:
        section = type(self).find(_caller(request), slug)
        return Response(item_with_steps(shown.item_of(section, reference)))


class _Decisions(APIView):
    """What one side says about an item."""

    find: Finder
    side: Side

    @operation(
        summary="Approve or reject an item for one's side",
        request=DecisionForm,
        response=ItemWithStepsOutput,
        refusals=(IllegalTransition, items.OneForBothSides),
    )
    def post(self, request: Request, slug: str, reference: UUID) -> Response:
        form = DecisionForm.read(request)
        section = type(self).find(_caller(request), slug)
        found = shown.item_of(section, reference)
        decided = entry(items.decide)(
            found,
            self.side,
            ItemDecision(form["decision"]),
            actor=actor_of(request),
            now=timezone.now(),
            reason=form.get("reason", ""),
        )
        return Response(item_with_steps(decided))


class PartnerSections(APIView):
    """The sections made with the partner one works for."""

    permission_classes = [RoleNeeded(Role.PARTNER)]

    @operation(
        summary="List the sections of one's organisation",
        response=outputs.StaffSectionOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        rows = shown.partnered_by(_caller(request))
        return paged(request, rows, ordering=("position", "id"), render=outputs.staff_section)


class PartnerItems(_Items):
    permission_classes = [RoleNeeded(Role.PARTNER)]
    find = staticmethod(shown.one_partnered_by)


class PartnerItem(_OneItem):
    permission_classes = [RoleNeeded(Role.PARTNER)]
    find = staticmethod(shown.one_partnered_by)


class PartnerDecisions(_Decisions):
    permission_classes = [RoleNeeded(Role.PARTNER)]
    find = staticmethod(shown.one_partnered_by)
    side = Side.PARTNER


class StaffItems(_Items):
    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]
    find = staticmethod(managing.one_managed_by)

    @operation(
        summary="Propose a product for a co-branded section",
        request=ProposalForm,
        response=ItemOutput,
        status=201,
        refusals=_UNFIT,
        idempotency="optional",
    )
    def post(self, request: Request, slug: str) -> Response:
        form = ProposalForm.read(request)
        section = managing.one_managed_by(_caller(request), slug)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: items.propose(section, pins.product_of(form["product"]), actor=actor, now=now),
            item,
            required=False,
        )


class StaffItem(_OneItem):
    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]
    find = staticmethod(managing.one_managed_by)


class StaffDecisions(_Decisions):
    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]
    find = staticmethod(managing.one_managed_by)
    side = Side.PLATFORM


class SellerItems(APIView):
    """Where a seller proposed a product."""

    @operation(
        summary="List where a product was proposed",
        response=ItemOutput,
        paged=True,
        refusals=(ScopeForbidden,),
        acting_for=(Scope.LIST,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        product = goods.of_member(seller_of(actor_of(request)), reference)
        rows = shown.items_with(product.pk)
        return paged(request, rows, ordering=("-proposed_at", "-id"), render=item)

    @operation(
        summary="Propose a product for a co-branded section",
        request=SectionNameForm,
        response=ItemOutput,
        status=201,
        refusals=(ScopeForbidden, *_UNFIT),
        idempotency="optional",
        acting_for=(Scope.LIST,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        form = SectionNameForm.read(request)
        actor, now = actor_of(request), timezone.now()
        product = goods.of_member(seller_of(actor), reference)
        section = membership.open_to_proposals(form["section"], now=now)
        return once(
            request,
            lambda: items.propose(section, product, actor=actor, now=now),
            item,
            required=False,
        )


def item(row: SectionItem) -> dict[str, Any]:
    """Return an item; its section, product and shop are at hand."""
    return {
        "id": str(row.reference),
        "section": row.section.slug,
        "product": str(row.product.reference),
        "title": row.product.title,
        "shop": row.product.shop.name,
        "origin": row.product.origin_county,
        "state": row.state,
        "partner_approved": row.partner_at is not None,
        "platform_approved": row.platform_at is not None,
        "proposed_at": row.proposed_at,
        "partner_at": row.partner_at,
        "platform_at": row.platform_at,
    }


def item_with_steps(row: SectionItem) -> dict[str, Any]:
    """Return an item with who decided what, and when."""
    steps = [
        {
            "action": step.action,
            "to_state": step.to_state,
            "by": str(step.actor.reference) if step.actor else "",
            "reason": step.reason,
            "at": step.at,
        }
        for step in life_of(ITEM.subject, row.pk)
    ]
    return item(row) | {"steps": steps}


def _caller(request: Request) -> int:
    # The permission lets nobody in who is not signed in.
    return request.user.pk or 0
