"""Which sections a product belongs to, for those who price and attribute."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q

from core.errors import NotFound
from marketplace.sections.domain.states import VISITED
from marketplace.sections.models import Section

# For whoever asks something else about the same goods in one statement.
SECTIONS_OF = """
    SELECT member.product_id, array_agg(member.section_id ORDER BY member.section_id)
    FROM sections_sectionmember AS member
    JOIN sections_section AS section ON section.id = member.section_id
    WHERE member.product_id = ANY(%(products)s::bigint[])
        AND section.state IN ('SCHEDULED', 'OPEN')
        AND (section.opens_at IS NULL OR section.opens_at <= %(now)s)
        AND (section.closes_at IS NULL OR section.closes_at > %(now)s)
    GROUP BY member.product_id
"""


def is_open(now: datetime, prefix: str = "") -> Q:
    """Return the condition for sections that people can see at an instant."""
    return (
        Q(**{f"{prefix}state__in": VISITED})
        & (Q(**{f"{prefix}opens_at": None}) | Q(**{f"{prefix}opens_at__lte": now}))
        & (Q(**{f"{prefix}closes_at": None}) | Q(**{f"{prefix}closes_at__gt": now}))
    )


def sections_of(product_ids: Iterable[int], *, now: datetime) -> dict[int, list[int]]:
    """Return the open sections of each product, in one statement; products in none have no entry.

    A product that is sold out for the moment keeps its sections.
    """
    with connection.cursor() as cursor:
        cursor.execute(SECTIONS_OF, {"products": list(product_ids), "now": now})
        return dict(cursor.fetchall())


def open_to_proposals(slug: str, *, now: datetime) -> Section:
    """Return a section that sellers can propose goods for: open, or to be opened.

    Raises:
        NotFound: there is none of that name, it is being prepared, or it is over.
    """
    alive = Q(closes_at=None) | Q(closes_at__gt=now)
    found = Section.objects.filter(alive, slug=slug, state__in=VISITED).first()
    if found is None:
        raise NotFound(subject="section")
    return found


def by_slugs(slugs: Iterable[str]) -> dict[str, Section]:
    """Return the sections of these names; names of none are left out."""
    return {section.slug: section for section in Section.objects.filter(slug__in=list(slugs))}
