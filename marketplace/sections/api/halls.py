"""Halls of counties for visitors, by the county's code."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http.etags import conditional
from core.http.paging import Keyset
from core.http.schema import operation
from core.regions.selectors import divisions
from marketplace.sections.api import brands, outputs
from marketplace.sections.api.sections import ProductsQuery, answer_products
from marketplace.sections.models import Section
from marketplace.sections.selectors import brands as branded
from marketplace.sections.selectors import halls
from shops.catalogue.api.outputs import CardOutput, NamedOutput

_IN_ORDER = Keyset(("position", "id"))


class ListingOutput(serializers.Serializer[Any]):
    """Where else a hall can be visited."""

    platform = serializers.CharField()
    url = serializers.CharField()


class HallOutput(outputs.SectionOutput):
    """A county's hall: whose it is, what it tells, and where else it can be visited."""

    county = NamedOutput()
    story = serializers.CharField(allow_blank=True)
    gi_mark = serializers.CharField(allow_blank=True)
    flagship = brands.BrandOutput(allow_null=True)
    listings = ListingOutput(many=True)


class Halls(APIView):
    """The halls that can be visited."""

    permission_classes = [AllowAny]

    @operation(summary="List halls of counties", response=outputs.SectionOutput, paged=True)
    def get(self, request: Request) -> Response:
        position = _IN_ORDER.position(request)
        rows = _IN_ORDER.page_of(halls.open_halls(timezone.now()), position)
        return _IN_ORDER.answer(request, position, rows, render=outputs.section)


class OneHall(APIView):
    """A county's hall."""

    permission_classes = [AllowAny]

    @operation(summary="Read a county's hall", response=HallOutput, etag=True)
    def get(self, request: Request, county: str) -> Response:
        return conditional(request, _hall(halls.hall_of(county, now=timezone.now())))


class HallProducts(APIView):
    """The goods of a county's hall: of that county, and of no other."""

    permission_classes = [AllowAny]

    @operation(
        summary="List the products of a county's hall",
        query=ProductsQuery,
        response=CardOutput,
        paged=True,
        etag=True,
    )
    def get(self, request: Request, county: str) -> Response:
        section = halls.hall_of(county, now=timezone.now())
        return answer_products(request, section.slug, within=section.county)


def _hall(row: Section) -> dict[str, Any]:
    flagship = branded.flagship_of(row.county)
    return outputs.section(row) | {
        "county": {
            "code": row.county,
            "name": divisions.names([row.county]).get(row.county, ""),
        },
        "story": row.story,
        "gi_mark": row.gi_mark,
        "flagship": brands.brand(flagship) if flagship else None,
        "listings": [{"platform": one.platform, "url": one.url} for one in halls.listings_of(row)],
    }
