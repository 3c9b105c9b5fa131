"""Which counties belong to which programme on a day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from core.errors import NotFound
from core.regions.models import Programme, ProgrammeMembership
from core.regions.selectors.divisions import in_force


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
    slugs: dict[str, set[str]] = defaultdict(set)
    rows = ProgrammeMembership.objects.filter(in_force(on), region_code__in=wanted)
    for code, slug in rows.values_list("region_code", "programme__slug"):
        slugs[code].add(slug)
    return {code: sorted(slugs[code]) for code in wanted}


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
