"""What a division is, and who has which name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from core.errors import DomainError
from core.regions.models import Region

_names: dict[str, str] = {}


class UnknownRegion(DomainError):
    """There is no region with this code."""

    code = "UNKNOWN_REGION"
    zh = "没有这个行政区划代码。"
    status = 400


class RetiredRegion(DomainError):
    """This region code is no longer in force."""

    code = "RETIRED_REGION"
    zh = "该行政区划代码已停用。"
    status = 400


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """A division as other rooms know it."""

    code: str
    name: str
    level: str
    province_code: str
    prefecture_code: str
    full_name: str


def county(code: str, *, on: date | None = None) -> RegionFacts:
    """Return the place that goods come from or parcels go to, in force on a day or today.

    Prefecture-level cities without counties and the special regions are places themselves.

    Raises:
        UnknownRegion: no table knows the code, or it is not a place but a whole province or
            prefecture.
        RetiredRegion: the code was in force at another time.
    """
    return _in_force(code, on=on, places_only=True)


def region(code: str, *, on: date | None = None) -> RegionFacts:
    """Return a division of any level, in force on a day or today.

    Raises:
        UnknownRegion: no table knows the code.
        RetiredRegion: the code was in force at another time.
    """
    return _in_force(code, on=on, places_only=False)


def names(region_codes: Iterable[str]) -> dict[str, str]:
    """Return the present name of each code, or its last one; codes nobody knows are left out."""
    wanted = set(region_codes)
    missing = wanted - _names.keys()
    if missing:
        # Open-ended rows come last, so that the present name wins over an older one.
        rows = Region.objects.filter(code__in=missing).order_by("code", "valid_until")
        _names.update(rows.values_list("code", "name"))
    return {code: _names[code] for code in wanted if code in _names}


def forget_names() -> None:
    """Read names anew from now on: the tables have been loaded again."""
    _names.clear()


def in_force(on: date | None) -> Q:
    """Return the condition for rows in force on a day, or for the present ones."""
    if on is None:
        return Q(valid_until__isnull=True)
    started = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    return started & (Q(valid_until__isnull=True) | Q(valid_until__gt=on))


def listed(*, parent: str = "", level: str = "", search: str = "") -> QuerySet[Region]:
    """Return present divisions: the children of one, all of a level below it, or by what is typed.

    Search takes part of a name, or the beginning of its pinyin or of its initials.
    """
    found = Region.objects.filter(in_force(None))
    if level:
        found = found.filter(level=level)
    if parent and level:
        found = found.filter(code__in=_below(parent))
    elif parent:
        found = found.filter(parent_code=parent)
    if search:
        typed = search.lower().replace(" ", "").replace("'", "")
        found = found.filter(
            Q(name__contains=search.strip())
            | Q(pinyin__startswith=typed)
            | Q(initials__startswith=typed)
        )
    return found.order_by("code", "id")


def shown(code: str) -> Region:
    """Return the present division of a code, or the last one that bore it.

    Raises:
        UnknownRegion: no table knows the code.
    """
    # PostgreSQL sorts nulls first when descending, so the present row comes first.
    found = Region.objects.filter(code=code).order_by("-valid_until").first()
    if found is None:
        raise UnknownRegion(region=code)
    return found


def _below(parent: str) -> QuerySet[Region, str]:
    return (
        Region.objects.filter(Q(province_code=parent) | Q(prefecture_code=parent))
        .exclude(code=parent)
        .values_list("code", flat=True)
    )


def _in_force(code: str, *, on: date | None, places_only: bool) -> RegionFacts:
    rows = list(Region.objects.filter(code=code).order_by("-valid_until"))
    rows = [row for row in rows if row.is_place] if places_only else rows
    if not rows:
        raise UnknownRegion(region=code)
    for row in rows:
        if _holds(row, on):
            return RegionFacts(
                row.code,
                row.name,
                row.level,
                row.province_code,
                row.prefecture_code,
                row.full_name,
            )
    raise RetiredRegion(region=code, name=rows[0].name)


def _holds(row: Region, on: date | None) -> bool:
    if on is None:
        return row.valid_until is None
    return (row.valid_from is None or row.valid_from <= on) and (
        row.valid_until is None or on < row.valid_until
    )
