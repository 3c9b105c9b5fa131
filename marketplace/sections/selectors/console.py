"""Sections as their managers see them in the console."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.accounts.domain.roles import Role
from core.console import reach
from core.errors import InvalidInput
from core.regions.models import Programme, ProgrammeMembership, RegionPairing
from core.regions.selectors import divisions, pairings, programmes
from marketplace.sections.domain.reviewing import Side
from marketplace.sections.models import (
    RegionalBrand,
    Section,
    SectionCount,
    SectionItem,
    SectionPin,
)
from marketplace.sections.selectors import brands, items, managing
from shops.catalogue.domain.goods import ProductState
from shops.catalogue.models import Product

OFFERED_MAX = 8


@dataclass(frozen=True, slots=True)
class OriginCount:
    """How many products a section shows from one county."""

    county: str
    code: str
    members: int


def sections_for(user: Any) -> QuerySet[Section]:
    """Return the sections in somebody's reach, each with `shown` members and `pinned` products."""
    if reach.scope(user, Role.SECTION_MANAGER) is None:
        mine = Section.objects.select_related("partner")
    else:
        mine = managing.managed_by(user.pk)
    return mine.annotate(
        shown=_sum(SectionCount.objects.filter(section=OuterRef("pk")), Sum("members")),
        pinned=_sum(SectionPin.objects.filter(section=OuterRef("pk")), Count("pk")),
    )


def may_manage(user: Any, regions: tuple[str, ...]) -> bool:
    """Tell whether somebody may run a section with goods from these regions."""
    everywhere = reach.scope(user, Role.SECTION_MANAGER) is None
    return everywhere or managing.may_manage(user.pk, regions)


def items_for(user: Any) -> QuerySet[SectionItem]:
    """Return the items that somebody at the console may see, for either side."""
    rows = items.shown()
    if user.is_active and user.is_superuser:
        return rows
    wanted = Q(pk__in=[])
    if reach.holds(user, Role.SECTION_MANAGER):
        wanted |= Q(section__in=managing.managed_by(user.pk))
    if reach.holds(user, Role.PARTNER):
        wanted |= Q(section__in=items.partnered_by(user.pk))
    return rows.filter(wanted)


def may_decide(user: Any, item: SectionItem, side: Side) -> bool:
    """Tell whether somebody at the console may speak for a side about an item."""
    if side == Side.PARTNER:
        return items.partnered_by(user.pk).filter(pk=item.section_id).exists()
    if user.is_superuser:
        return True
    return (
        reach.holds(user, Role.SECTION_MANAGER)
        and managing.managed_by(user.pk).filter(pk=item.section_id).exists()
    )


def brands_for(user: Any) -> QuerySet[RegionalBrand]:
    """Return the brands of the counties in somebody's reach."""
    return brands.inside(reach.scope(user, Role.SECTION_MANAGER))


def pairings_for(user: Any) -> QuerySet[RegionPairing]:
    """Return all pairings: those who run sections anywhere may see who helps whom."""
    rows = pairings.known()
    return rows if reach.holds(user, Role.SECTION_MANAGER) else rows.none()


def programmes_for(user: Any) -> QuerySet[Programme]:
    """Return all programmes, official ones too."""
    rows = programmes.known()
    return rows if reach.holds(user, Role.SECTION_MANAGER) else rows.none()


def members_of(programme: Programme, limit: int) -> list[ProgrammeMembership]:
    """Return the first rows of a programme's list."""
    return list(programmes.memberships(programme.slug)[:limit])


def by_origin(section_id: int, limit: int) -> list[OriginCount]:
    """Return the counties a section shows most products from."""
    rows = (
        SectionCount.objects.filter(section_id=section_id, members__gt=0)
        .values("origin_county")
        .annotate(products=Sum("members"))
        .order_by("-products", "origin_county")
        .values_list("origin_county", "products")[:limit]
    )
    found = list(rows)
    names = divisions.names([code for code, _ in found])
    return [OriginCount(names.get(code, ""), code, products) for code, products in found]


def pins(section: Section) -> list[SectionPin]:
    """Return what is pinned to a section, in order."""
    return list(managing.pins_of(section).order_by("position", "id"))


def product_called(text: str) -> UUID:
    """Return the product on sale that an id or a part of a title means.

    Raises:
        InvalidInput: none answers to it, or several do; they are named.
    """
    try:
        return UUID(text)
    except ValueError:
        found = list(
            Product.objects.filter(state=ProductState.PUBLISHED, title__icontains=text)
            .select_related("shop")
            .order_by("title", "id")[:OFFERED_MAX]
        )
    exact = [product for product in found if product.title == text] or found
    if len(exact) == 1:
        return exact[0].reference
    if not exact:
        raise InvalidInput.at("/product", "UNKNOWN", "没有找到在售商品。No such product on sale.")
    named = "; ".join(
        f"{product.title} ({product.shop.name}) {product.reference}" for product in exact
    )
    raise InvalidInput.at("/product", "SEVERAL", f"不止一个商品，请填写编号。Several: {named}")


def _sum(rows: QuerySet[Any], figure: Any) -> Coalesce:
    per_section = rows.order_by().values("section").annotate(figure=figure).values("figure")
    return Coalesce(
        Subquery(per_section, output_field=BigIntegerField()),
        Value(0, output_field=BigIntegerField()),
    )
