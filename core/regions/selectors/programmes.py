"""Which counties belong to which programme on a day."""

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from core.errors import NotFound
from core.regions.models import Programme, ProgrammeMembership
from core.regions.selectors.divisions import in_force

# Two rows may stand for one present county, where two have been merged.
_PROGRAMMES_OF = """
    SELECT member.region_code, array_agg(DISTINCT programme.slug ORDER BY programme.slug)
    FROM regions_programmemembership AS member
    JOIN regions_programme AS programme ON programme.id = member.programme_id
    WHERE member.region_code = ANY(%(codes)s)
        AND (member.valid_from IS NULL OR member.valid_from <= %(on)s)
        AND (member.valid_until IS NULL OR member.valid_until > %(on)s)
    GROUP BY member.region_code
"""


def known() -> QuerySet[Programme]:
    """Return all programmes."""
    return Programme.objects.order_by("slug")


def by_slug(slug: str) -> Programme:
    """Return a programme.

    Raises:
        NotFound: there is none of that name.
    """
    found = Programme.objects.filter(slug=slug).first()  # The slug is unique.
    if found is None:
        raise NotFound(programme=slug)
    return found


def of_county(code: str, *, on: date) -> list[str]:
    """Return the slugs of the programmes a county belongs to on a day."""
    return of_counties([code], on=on)[code]


def of_counties(codes: Iterable[str], *, on: date) -> dict[str, list[str]]:
    """Return the programmes of each county on a day, in one statement."""
    wanted = set(codes)
    with connection.cursor() as cursor:
        cursor.execute(_PROGRAMMES_OF, {"codes": list(wanted), "on": on})
        slugs = dict(cursor.fetchall())
    return {code: slugs.get(code, []) for code in wanted}


def counties(slug: str, *, on: date) -> set[str]:
    """Return the codes of a programme's counties on a day."""
    rows = ProgrammeMembership.objects.filter(in_force(on), programme__slug=slug)
    return set(rows.values_list("region_code", flat=True))


def memberships(slug: str, *, on: date | None = None) -> QuerySet[ProgrammeMembership]:
    """Return the rows of a programme's list: all of them, or those in force on a day.

    Two rows may stand for one present county, where two have been merged.

    Raises:
        NotFound: there is no such programme.
    """
    rows = ProgrammeMembership.objects.filter(programme=by_slug(slug))
    if on is not None:
        rows = rows.filter(in_force(on))
    return rows.order_by("listed_code", "id")
