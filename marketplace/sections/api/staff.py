"""Sections for those who run them."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of
from core.accounts.permissions import Role, RoleNeeded
from core.errors import Forbidden, IllegalTransition
from core.http.etags import check_match, conditional
from core.http.forms import (
    CodeField,
    CountField,
    Form,
    InstantField,
    ReferenceField,
    TextField,
    forward,
)
from core.http.idempotency import once
from core.http.paging import Keyset
from core.http.schema import operation
from core.regions.api.fields import RegionField
from core.transactions import entry
from marketplace.sections.api import outputs
from marketplace.sections.api.fields import ProgrammeField, SafeAddressField, SlugField
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.ranks import PIN_POSITION_MAX
from marketplace.sections.domain.states import SectionState
from marketplace.sections.selectors import managing
from marketplace.sections.services import pins, sections
from shops.catalogue.api.fields import CategoryField

_IN_ORDER = Keyset(("position", "id"))
_PINS_IN_ORDER = Keyset(("position", "id"), page_size=100)


_REFUSALS = (sections.SlugTaken, sections.HallOfOneCounty, Forbidden, IllegalTransition)


class RuleForm(Form):
    """What a section picks by itself; lists that are left out are empty."""

    regions = serializers.ListField(child=RegionField(), max_length=100, default=list)
    programmes = serializers.ListField(child=ProgrammeField(), max_length=10, default=list)
    categories = serializers.ListField(child=CategoryField(), max_length=100, default=list)


class ListingForm(Form):
    """Where else a hall can be visited."""

    platform = TextField(max_length=40)
    url = SafeAddressField()


class SectionForm(Form):
    """A section; `state` opens or closes it."""

    slug = SlugField()
    name = TextField(max_length=40)
    name_en = TextField(max_length=60, required=False, allow_blank=True)
    intro = TextField(max_length=500, required=False, allow_blank=True, multiline=True)
    position = CountField(required=False)
    rule = RuleForm(required=False)
    opens_at = InstantField(required=False, allow_null=True)
    closes_at = InstantField(required=False, allow_null=True)
    state = CodeField(choices=SectionState.choices, required=False)
    story = TextField(max_length=5_000, required=False, allow_blank=True, multiline=True)
    gi_mark = TextField(max_length=120, required=False, allow_blank=True)
    listings = ListingForm(many=True, required=False, max_length=20)  # type: ignore[call-arg]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a window that ends before it starts."""
        forward(attrs, "opens_at", "closes_at")
        return attrs


class PartnerForm(Form):
    """An organisation by its name, and the region it stands for."""

    name = TextField(max_length=80)
    region = RegionField(required=False, allow_blank=True, default="")


class NewSectionForm(SectionForm):
    """A section, whose it is for good, and with whom."""

    kind = CodeField(choices=SectionKind.choices, required=False, default=SectionKind.PLAIN)
    partner = PartnerForm(required=False, allow_null=True, default=None)


class PinForm(Form):
    """Which product to pin, and where; behind the other pins where it is not said."""

    product = ReferenceField()
    position = CountField(required=False, max_value=PIN_POSITION_MAX)


class PinQuery(Form):
    """Which product to unpin."""

    product = ReferenceField()


class StaffSections(APIView):
    """The sections somebody manages."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="List the sections one manages", response=outputs.StaffSectionOutput, paged=True
    )
    def get(self, request: Request) -> Response:
        position = _IN_ORDER.position(request)
        rows = _IN_ORDER.page_of(managing.managed_by(_caller(request)), position)
        return _IN_ORDER.answer(request, position, rows, render=outputs.staff_section)

    @operation(
        summary="Make a section",
        request=NewSectionForm,
        response=outputs.StaffSectionOutput,
        status=201,
        refusals=(*_REFUSALS, sections.HallExists),
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        wanted = _columns(NewSectionForm.read(request))
        partner = wanted["partner"] = _partner(wanted["partner"])
        _require_reach(request, wanted.get("regions", ()))
        if partner is not None:
            _require_reach(request, (partner.region,))
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: sections.create(actor=actor, now=now, **wanted),
            outputs.staff_section,
            required=False,
        )


class StaffSection(APIView):
    """One section somebody manages."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(summary="Read a section one manages", response=outputs.StaffSectionOutput, etag=True)
    def get(self, request: Request, slug: str) -> Response:
        section = managing.one_managed_by(_caller(request), slug)
        return conditional(request, outputs.staff_section(section), version=section.version)

    @operation(
        summary="Change, open or close a section",
        request=SectionForm,
        response=outputs.StaffSectionOutput,
        refusals=_REFUSALS,
        if_match=True,
    )
    def patch(self, request: Request, slug: str) -> Response:
        changes = _columns(SectionForm.read(request, partial=True))
        section = managing.one_managed_by(_caller(request), slug)
        check_match(request, section.version)
        _require_reach(request, changes.get("regions", section.regions))
        edited = entry(sections.edit)(
            section, actor=actor_of(request), now=timezone.now(), **changes
        )
        return Response(outputs.staff_section(edited))


class StaffPins(APIView):
    """What is pinned to a section by hand."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(summary="List pins", response=outputs.PinOutput, paged=True)
    def get(self, request: Request, slug: str) -> Response:
        section = managing.one_managed_by(_caller(request), slug)
        position = _PINS_IN_ORDER.position(request)
        rows = _PINS_IN_ORDER.page_of(managing.pins_of(section), position)
        return _PINS_IN_ORDER.answer(request, position, rows, render=outputs.pin)

    @operation(
        summary="Pin a product",
        request=PinForm,
        response=outputs.PinOutput,
        status=201,
        refusals=(pins.SectionOriginMismatch, pins.TooManyPins),
        idempotency="optional",
    )
    def post(self, request: Request, slug: str) -> Response:
        wanted = PinForm.read(request)
        section = managing.one_managed_by(_caller(request), slug)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: pins.pin(
                section,
                wanted["product"],
                position=wanted.get("position"),
                actor=actor,
                now=now,
            ),
            outputs.pin,
            required=False,
        )

    @operation(summary="Unpin a product", query=PinQuery, status=204)
    def delete(self, request: Request, slug: str) -> Response:
        form = PinQuery.read(request) if request.data else PinQuery.read_query(request)
        section = managing.one_managed_by(_caller(request), slug)
        entry(pins.unpin)(section, form["product"], now=timezone.now())
        return Response(status=204)


def _caller(request: Request) -> int:
    # The permission lets nobody in who is not signed in.
    return request.user.pk or 0


def _columns(form: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in form.items() if name not in ("rule", "listings")}
    if "listings" in form:
        columns["listings"] = [
            sections.Listing(one["platform"], one["url"]) for one in form["listings"]
        ]
    if "rule" in form:
        rule = form["rule"]
        columns["regions"] = rule["regions"]
        columns["programmes"] = rule["programmes"]
        columns["categories"] = [category.pk for category in rule["categories"]]
    return columns


def _partner(form: dict[str, Any] | None) -> sections.Partner | None:
    return sections.Partner(form["name"], form["region"]) if form else None


def _require_reach(request: Request, regions: Iterable[str]) -> None:
    if not managing.may_manage(_caller(request), regions):
        raise Forbidden(needs=Role.SECTION_MANAGER.value)
