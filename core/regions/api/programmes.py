"""Programmes and the counties that belong to them on a day."""

from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http.etags import conditional
from core.http.forms import DayField, Form
from core.http.paging import Keyset
from core.http.schema import operation
from core.periods import local_day
from core.regions.models import Programme, ProgrammeMembership
from core.regions.models.programme import Precision, Resolution
from core.regions.selectors import divisions, programmes

_BY_SLUG = Keyset(("slug", "id"))
_BY_LISTED_CODE = Keyset(("listed_code", "id"), page_size=100)


class MembershipQuery(Form):
    """On which day; today where it is not said."""

    on = DayField(required=False)


class ProgrammeOutput(serializers.Serializer[Any]):
    """One public programme."""

    slug = serializers.CharField()
    name = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    region = serializers.CharField(
        allow_null=True, help_text="Whose own programme it is; null for an official list"
    )


class MembershipOutput(serializers.Serializer[Any]):
    """One row of a programme's official list, and the present division it stands for."""

    code = serializers.CharField()
    name = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text="Half-open: the first day after")
    start_is_assumed = serializers.BooleanField()
    precision = serializers.ChoiceField(choices=Precision.choices)
    left_year = serializers.IntegerField(allow_null=True)
    listed_code = serializers.CharField()
    listed_name = serializers.CharField()
    resolution = serializers.ChoiceField(choices=Resolution.choices)
    reason = serializers.CharField()


class Programmes(APIView):
    """All programmes."""

    permission_classes = [AllowAny]

    @operation(summary="List programmes", response=ProgrammeOutput, paged=True, etag=True)
    def get(self, request: Request) -> Response:
        position = _BY_SLUG.position(request)
        rows = _BY_SLUG.page_of(programmes.known(), position)
        return conditional(request, _BY_SLUG.payload(request, position, rows, render=programme))


class ProgrammeRegions(APIView):
    """The counties of a programme."""

    permission_classes = [AllowAny]

    @operation(
        summary="List the counties of a programme on a day",
        query=MembershipQuery,
        response=MembershipOutput,
        paged=True,
        etag=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        on = MembershipQuery.read_query(request).get("on") or local_day(timezone.now())
        position = _BY_LISTED_CODE.position(request)
        rows = _BY_LISTED_CODE.page_of(programmes.memberships(slug, on=on), position)
        names = divisions.names(row.region_code for row in rows)
        page = _BY_LISTED_CODE.payload(
            request, position, rows, render=lambda row: membership(row, names)
        )
        return conditional(request, page)


def programme(row: Programme) -> dict[str, Any]:
    """Return a programme, named in the caller's language."""
    is_chinese = (get_language() or "").startswith("zh")
    return {
        "slug": row.slug,
        "name": row.name_zh if is_chinese else row.name_en,
        "source": row.source,
        "region": row.region or None,
    }


def membership(row: ProgrammeMembership, names: dict[str, str] | None = None) -> dict[str, Any]:
    """Return one row of a programme's list, with the names of regions where they are at hand."""
    names = divisions.names([row.region_code]) if names is None else names
    return {
        "code": row.region_code,
        "name": names.get(row.region_code, ""),
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "start_is_assumed": row.start_is_assumed,
        "precision": row.precision,
        "left_year": row.left_year,
        "listed_code": row.listed_code,
        "listed_name": row.listed_name,
        "resolution": row.resolution,
        "reason": row.reason,
    }
