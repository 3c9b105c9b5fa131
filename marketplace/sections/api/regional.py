"""Pairings of regions, and programmes of their own, for those who run sections there."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.permissions import Role, RoleNeeded
from core.errors import Forbidden, IllegalTransition
from core.http.forms import CountField, DayField, Form, TextField, forward
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.regions.api.fields import CountyField, RegionField
from core.regions.api.programmes import MembershipOutput, ProgrammeOutput, membership, programme
from core.regions.selectors import pairings as paired
from core.regions.selectors import programmes as known
from core.regions.services import pairing, programmes
from core.transactions import entry
from marketplace.sections.api.fields import SlugField
from marketplace.sections.selectors import managing

PRIORITY_MAX = 1_000


class PairingForm(Form):
    """Who helps whom, from which day on, and before which other pairings."""

    helper = RegionField()
    helped = RegionField()
    valid_from = DayField()
    valid_until = DayField(required=False, allow_null=True, default=None)
    priority = CountField(required=False, default=100, max_value=PRIORITY_MAX)
    reason = TextField(max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a window that ends before it starts."""
        forward(attrs, "valid_from", "valid_until")
        return attrs


class EndingForm(Form):
    """The first day on which it does not count any more."""

    on = DayField()


class PairingOutput(serializers.Serializer[Any]):
    """What people in one region buy from another counts as help."""

    id = serializers.UUIDField(source="reference")
    helper = serializers.CharField()
    helped = serializers.CharField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True, help_text="Half-open: the first day after")
    priority = serializers.IntegerField(help_text="Of several that fit, the smallest counts alone")
    reason = serializers.CharField()


class ProgrammeForm(Form):
    """A programme of a region's own."""

    slug = SlugField()
    name_zh = TextField(max_length=80)
    name_en = TextField(max_length=120)
    source = TextField(max_length=500)  # type: ignore[assignment]
    region = RegionField()


class MemberForm(Form):
    """A county that belongs to a programme from a day on, and why."""

    region = CountyField()
    valid_from = DayField()
    valid_until = DayField(required=False, allow_null=True, default=None)
    reason = TextField(max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a window that ends before it starts."""
        forward(attrs, "valid_from", "valid_until")
        return attrs


class Pairings(APIView):
    """Which regions help which."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(summary="List pairings of regions", response=PairingOutput, paged=True)
    def get(self, request: Request) -> Response:
        return paged(request, paired.known(), ordering=("priority", "id"), render=_pairing)

    @operation(
        summary="Pair a region that helps with one that is helped",
        request=PairingForm,
        response=PairingOutput,
        status=201,
        refusals=(pairing.PairedAlready, Forbidden),
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        form = PairingForm.read(request)
        _require_reach(request, [form["helped"]])
        return once(request, lambda: pairing.pair(**form), _pairing, required=False)


class PairingEnding(APIView):
    """The end of a pairing."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="End a pairing on a day",
        request=EndingForm,
        response=PairingOutput,
        refusals=(Forbidden, IllegalTransition),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        form = EndingForm.read(request)
        found = paired.one(reference)
        _require_reach(request, [found.helped])
        return Response(_pairing(entry(pairing.end)(found, on=form["on"])))


class StaffProgrammes(APIView):
    """Programmes of regions' own."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="Found a programme of a region",
        request=ProgrammeForm,
        response=ProgrammeOutput,
        status=201,
        refusals=(programmes.ProgrammeExists, Forbidden),
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        form = ProgrammeForm.read(request)
        _require_reach(request, [form["region"]])
        return once(request, lambda: programmes.found(**form), programme, required=False)


class StaffProgrammeRegions(APIView):
    """The counties of a programme of a region's own."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="Let a county belong to a programme from a day on",
        request=MemberForm,
        response=MembershipOutput,
        status=201,
        refusals=(programmes.MemberAlready, Forbidden),
        idempotency="optional",
    )
    def post(self, request: Request, slug: str) -> Response:
        form = MemberForm.read(request)
        own = _own(request, slug)
        county = form.pop("region")
        return once(
            request, lambda: programmes.admit(own, county, **form), membership, required=False
        )


class MembershipEnding(APIView):
    """The end of a county's membership."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="End a county's membership on a day",
        request=EndingForm,
        response=MembershipOutput,
        refusals=(Forbidden,),
    )
    def post(self, request: Request, slug: str, county: str) -> Response:
        form = EndingForm.read(request)
        own = _own(request, slug)
        return Response(membership(entry(programmes.dismiss)(own, county, on=form["on"])))


def _own(request: Request, slug: str) -> Any:
    found = known.by_slug(slug)
    # An official list has no region, and only the loader writes it.
    if not found.region:
        raise Forbidden(needs="a programme of a region's own")
    _require_reach(request, [found.region])
    return found


def _pairing(row: Any) -> dict[str, Any]:
    return dict(PairingOutput(row).data)


def _require_reach(request: Request, regions: Iterable[str]) -> None:
    if not managing.may_manage(request.user.pk or 0, regions):
        raise Forbidden(needs=Role.SECTION_MANAGER.value)
