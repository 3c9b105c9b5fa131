"""Sections as people see them: which are open, what they hold, and one page of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from core.errors import NotFound
from core.http.paging import Clause
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.models import ExternalListing, Section, SectionCount
from marketplace.sections.selectors.membership import is_open

# The names a list may be ordered by; the last column makes every order a total one.
ORDERINGS = {
    "rank": ("rank", "product_id"),
    "price": ("price_from_fen", "product_id"),
    "-price": ("-price_from_fen", "-product_id"),
    "-sold": ("-sold", "-product_id"),
    "-published_at": ("-published_at", "-product_id"),
}


@dataclass(frozen=True, slots=True)
class Hall:
    """An open section, narrowed to an origin and to categories.

    `counties` and `category_ids` are those that it holds anything of; None does not narrow.
    """

    section_id: int
    products: int
    counties: tuple[str, ...] | None = None
    category_ids: tuple[int, ...] | None = None


def open_sections(now: datetime) -> QuerySet[Section]:
    """Return the sections that can be visited, with how many products each shows."""
    return (
        Section.objects.filter(is_open(now))
        .select_related("partner")
        .annotate(products=Coalesce(Sum("counts__members"), 0))
    )


def one(slug: str, *, now: datetime) -> Section:
    """Return an open section, with how many products it shows.

    Raises:
        NotFound: none of that name can be visited.
    """
    try:
        return open_sections(now).get(slug=slug)
    except Section.DoesNotExist:
        raise NotFound(subject="section") from None


def open_halls(now: datetime) -> QuerySet[Section]:
    """Return the halls of counties that can be visited."""
    return open_sections(now).filter(kind=SectionKind.HALL)


def hall_of(county: str, *, now: datetime) -> Section:
    """Return a county's hall, with how many products it shows.

    Raises:
        NotFound: the county has none that can be visited.
    """
    found = open_halls(now).filter(county=county).first()  # A county never has two.
    if found is None:
        raise NotFound(subject="hall")
    return found


def listings_of(section: Section) -> QuerySet[ExternalListing]:
    """Return where else a hall can be visited, in order."""
    return ExternalListing.objects.filter(section=section).order_by("position", "id")


def hall(
    slug: str, *, now: datetime, origin: str = "", category_ids: Sequence[int] | None = None
) -> Hall:
    """Find a section and what of it is asked for, in one statement.

    The counts say which counties and categories there are, so that an index can be walked for
    whatever is asked: also for what is rare, or is not there at all.

    Raises:
        NotFound: no section of that name can be visited.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT section.id, coalesce(sum(count.members), 0)::bigint,
                array_agg(DISTINCT count.origin_county)
                    FILTER (WHERE count.id IS NOT NULL),
                array_agg(DISTINCT count.category_id) FILTER (WHERE count.id IS NOT NULL)
            FROM sections_section AS section
            LEFT JOIN sections_sectioncount AS count
                ON count.section_id = section.id AND count.members > 0
                AND (%(origin)s = '' OR %(origin)s IN (
                    count.origin_county, count.origin_prefecture, count.origin_province
                ))
                AND (%(categories)s::bigint[] IS NULL
                    OR count.category_id = ANY(%(categories)s::bigint[]))
            WHERE section.slug = %(slug)s AND section.state IN ('SCHEDULED', 'OPEN')
                AND (section.opens_at IS NULL OR section.opens_at <= %(now)s)
                AND (section.closes_at IS NULL OR section.closes_at > %(now)s)
            GROUP BY section.id
            """,
            {
                "slug": slug,
                "now": now,
                "origin": origin,
                "categories": None if category_ids is None else list(category_ids),
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound(subject="section")
    section_id, products, counties, categories = row
    return Hall(
        section_id,
        products,
        tuple(counties or ()) if origin else None,
        tuple(categories or ()) if category_ids is not None else None,
    )


def page_of_all(slug: str, clause: Clause, *, now: datetime) -> list[dict[str, Any]]:
    """Return the cards of one page of a whole section, found and read in one statement.

    Raises:
        NotFound: no section of that name can be visited.
    """
    rows = _rows(*_statement(_OPEN, [slug, now, now], clause))
    if not rows:
        # Empty, behind its last page, or not there at all?
        hall(slug, now=now)
    return rows


def page(place: Hall, clause: Clause) -> list[dict[str, Any]]:
    """Return the cards of one page of a section, in one statement.

    A card that was withdrawn or sold out a moment ago is passed over at once.
    """
    return _rows(*page_statement(place, clause))


def page_statement(place: Hall, clause: Clause) -> tuple[str, list[Any]]:
    """Return the statement of a page, for `page` and for those who ask how it is planned."""
    return _statement("%s", [place.section_id], clause, place)


_OPEN = """(
    SELECT id FROM sections_section
    WHERE slug = %s AND state IN ('SCHEDULED', 'OPEN') AND (opens_at IS NULL OR opens_at <= %s)
        AND (closes_at IS NULL OR closes_at > %s)
)"""


def _rows(statement: str, params: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _statement(
    section: str, params: list[Any], clause: Clause, place: Hall | None = None
) -> tuple[str, list[Any]]:
    conditions = [f"member.section_id = {section}", "member.is_shown"]
    if place is not None and place.counties is not None:
        conditions.append("member.origin_county = ANY(%s)")
        params.append(list(place.counties))
    if place is not None and place.category_ids is not None:
        conditions.append("member.category_id = ANY(%s)")
        params.append(list(place.category_ids))
    if clause.where:
        conditions.append(clause.where)
        params += clause.params
    statement = f"""
        SELECT {clause.columns}, card.body, card.sold AS sold_now,
            NULLIF(card.promotions, '[]') AS promotions
        FROM sections_sectionmember AS member
        JOIN catalogue_productcard AS card
            ON card.product_id = member.product_id AND card.is_listed AND card.in_stock
        WHERE {" AND ".join(conditions)}
        ORDER BY {clause.order_by}
        LIMIT {clause.limit}
    """  # noqa: S608
    return statement, params


def counts(section_id: int) -> QuerySet[SectionCount]:
    """Return how much a section shows from each county in each category."""
    return SectionCount.objects.filter(section_id=section_id, members__gt=0).order_by(
        "origin_county", "category_id"
    )
