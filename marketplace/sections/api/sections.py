"""Sections for visitors: which there are, what they hold, page by page."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError, InvalidInput
from core.http.etags import conditional
from core.http.forms import CodeField, Form, TextField
from core.http.paging import Clause, Keyset
from core.http.problems import sentence_of
from core.http.schema import operation
from core.regions.selectors import divisions
from marketplace.sections.api import outputs
from marketplace.sections.selectors import halls
from shops.catalogue.api.fields import CategoryField
from shops.catalogue.api.outputs import CardOutput
from shops.catalogue.selectors import cards, tree

_IN_ORDER = Keyset(("position", "id"))
_KEYSETS = {name: Keyset(columns) for name, columns in halls.ORDERINGS.items()}
_COLUMNS = {
    column.removeprefix("-"): f"member.{column.removeprefix('-')}"
    for columns in halls.ORDERINGS.values()
    for column in columns
}


class ProductsQuery(Form):
    """What of a section to list, and in which order."""

    category = CategoryField(required=False)
    origin = TextField(required=False, max_length=60, help_text="GB/T 2260 code of any level")
    ordering = CodeField(
        choices=[(name, name) for name in halls.ORDERINGS], required=False, default="rank"
    )


class Sections(APIView):
    """The sections that can be visited."""

    permission_classes = [AllowAny]

    @operation(summary="List open sections", response=outputs.SectionOutput, paged=True, etag=True)
    def get(self, request: Request) -> Response:
        position = _IN_ORDER.position(request)
        rows = _IN_ORDER.page_of(halls.open_sections(timezone.now()), position)
        payload = _IN_ORDER.payload(request, position, rows, render=outputs.section)
        return conditional(request, payload)


class OneSection(APIView):
    """One section that can be visited."""

    permission_classes = [AllowAny]

    @operation(summary="Read a section", response=outputs.SectionOutput, etag=True)
    def get(self, request: Request, slug: str) -> Response:
        return conditional(request, outputs.section(halls.one(slug, now=timezone.now())))


class SectionProducts(APIView):
    """The products of a section."""

    permission_classes = [AllowAny]

    @operation(
        summary="List the products of a section",
        query=ProductsQuery,
        response=CardOutput,
        paged=True,
        etag=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        return answer_products(request, slug)


class SectionFacets(APIView):
    """How many products a section has from where, and of what."""

    permission_classes = [AllowAny]

    @operation(
        summary="Count the products of a section by origin and category",
        response=outputs.FacetsOutput,
        etag=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        place = halls.hall(slug, now=timezone.now())
        origins: Counter[str] = Counter()
        categories: Counter[int] = Counter()
        for row in halls.counts(place.section_id):
            origins[row.origin_county] += row.members
            categories[row.category_id] += row.members
        return conditional(request, _facets(place.products, origins, categories))


def answer_products(request: Request, slug: str, *, within: str = "") -> Response:
    """Answer a page of what a section shows, or of what it shows from one county."""
    asked = ProductsQuery.read_query(request)
    keyset = _KEYSETS[asked["ordering"]]
    position = keyset.position(request)
    if within:
        asked["origin"] = within
    rows = _rows(slug, keyset.sql(position, _COLUMNS), asked)
    return conditional(request, keyset.payload(request, position, rows, render=_cards()))


def _rows(slug: str, clause: Clause, asked: dict[str, Any]) -> list[dict[str, Any]]:
    now, category, origin = timezone.now(), asked.get("category"), asked.get("origin", "")
    if not category and not origin:
        return halls.page_of_all(slug, clause, now=now)
    category_ids = tree.below(category) if category else None
    place = halls.hall(slug, now=now, origin=origin, category_ids=category_ids)
    if place.products:
        return halls.page(place, clause)
    _require_region(origin)
    return []


def _cards() -> Callable[[dict[str, Any]], dict[str, Any]]:
    badges, now = cards.badges(), timezone.now()

    def card(row: dict[str, Any]) -> dict[str, Any]:
        # Django hands JSON over as text where no field reads it; few cards have dated prices.
        dated = row["promotions"]
        return cards.finished(
            orjson.loads(row["body"]),
            sold=row["sold_now"],
            in_stock=True,
            badges=badges,
            promotions=cards.promotions_at(orjson.loads(dated), now) if dated else (),
        )

    return card


def _facets(products: int, origins: Counter[str], categories: Counter[int]) -> dict[str, Any]:
    names = divisions.names(origins)
    kinds = {category_id: tree.by_id(category_id) for category_id in categories}
    return {
        "products": products,
        "origins": [
            {"code": code, "name": names.get(code, ""), "products": count}
            for code, count in sorted(origins.items(), key=lambda item: (-item[1], item[0]))
        ],
        "categories": [
            {
                "id": str(kinds[category_id].reference),
                "slug": kinds[category_id].slug,
                "name": cards.name_of(kinds[category_id]),
                "products": count,
            }
            for category_id, count in sorted(
                categories.items(), key=lambda item: (-item[1], item[0])
            )
        ],
    }


def _require_region(origin: str) -> None:
    """Tell a place that has nothing here from a code that is no place at all."""
    if not origin:
        return
    try:
        divisions.region(origin)
    except DomainError as refusal:
        raise InvalidInput.at("/origin", refusal.code, str(sentence_of(refusal))) from refusal
