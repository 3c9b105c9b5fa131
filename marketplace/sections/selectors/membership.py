"""Which sections a product belongs to, for those who price and attribute."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from marketplace.sections.domain.states import SectionState
from marketplace.sections.models import Section, SectionMember


def is_open(now: datetime, prefix: str = "") -> Q:
    """Return the condition for sections that people can see at an instant."""
    return (
        Q(**{f"{prefix}state": SectionState.OPEN})
        & (Q(**{f"{prefix}opens_at": None}) | Q(**{f"{prefix}opens_at__lte": now}))
        & (Q(**{f"{prefix}closes_at": None}) | Q(**{f"{prefix}closes_at__gt": now}))
    )


def sections_of(product_ids: Iterable[int], *, now: datetime) -> dict[int, list[int]]:
    """Return the open sections of each product, in one statement; products in none have no entry.

    A product that is sold out for the moment keeps its sections.
    """
    rows = (
        SectionMember.objects.filter(is_open(now, "section__"), product_id__in=list(product_ids))
        .values("product_id")
        .annotate(section_ids=ArrayAgg("section_id", order_by="section_id"))
    )
    return {row["product_id"]: row["section_ids"] for row in rows}


def by_slugs(slugs: Iterable[str]) -> dict[str, Section]:
    """Return the sections of these names; names of none are left out."""
    return {section.slug: section for section in Section.objects.filter(slug__in=list(slugs))}
