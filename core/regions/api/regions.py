"""Divisions for address pickers, filters and typing."""

from typing import Any

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.http.etags import conditional
from core.http.forms import CodeField, Form, TextField
from core.http.paging import Keyset
from core.http.schema import operation
from core.regions.api.fields import RegionField
from core.regions.codes import Level
from core.regions.models import Region
from core.regions.selectors import divisions

_BY_CODE = Keyset(("code", "id"), page_size=100)


class RegionsQuery(Form):
    """Which divisions to list."""

    parent = RegionField(required=False)  # type: ignore[assignment]
    level = CodeField(choices=Level.choices, required=False)
    search = TextField(required=False, max_length=40)


class RegionOutput(serializers.Serializer[Any]):
    """One division."""

    code = serializers.CharField()
    name = serializers.CharField()
    full_name = serializers.CharField()
    level = serializers.ChoiceField(choices=Level.choices)
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    is_place = serializers.BooleanField(
        help_text="Goods may come from here and parcels may go here: nothing lies below."
    )
    pinyin = serializers.CharField()
    initials = serializers.CharField()
    longitude = serializers.FloatField(allow_null=True)
    latitude = serializers.FloatField(allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text="Half-open: the first day after")


class Regions(APIView):
    """The divisions in force today."""

    permission_classes = [AllowAny]

    @operation(
        summary="List divisions by parent, level, name, pinyin or initials",
        query=RegionsQuery,
        response=RegionOutput,
        paged=True,
        etag=True,
    )
    def get(self, request: Request) -> Response:
        asked = RegionsQuery.read_query(request)
        position = _BY_CODE.position(request)
        rows = _BY_CODE.page_of(divisions.listed(**asked), position)
        return conditional(request, _BY_CODE.payload(request, position, rows, render=_shown))


class OneRegion(APIView):
    """One division, whether in force or retired."""

    permission_classes = [AllowAny]

    @operation(summary="Read a division", response=RegionOutput, etag=True)
    def get(self, request: Request, code: str) -> Response:
        try:
            return conditional(request, _shown(divisions.shown(code)))
        except divisions.UnknownRegion:
            raise NotFound(region=code) from None


def _shown(region: Region) -> dict[str, Any]:
    return {
        "code": region.code,
        "name": region.name,
        "full_name": region.full_name,
        "level": region.level,
        "parent": region.parent_code or None,
        "is_place": region.is_place,
        "pinyin": region.pinyin,
        "initials": region.initials,
        "longitude": _degrees(region.longitude),
        "latitude": _degrees(region.latitude),
        "valid_from": region.valid_from,
        "valid_until": region.valid_until,
    }


def _degrees(value: Any) -> float | None:
    return None if value is None else float(value)
