"""Bringing the tables of divisions and programmes up to what ships with the project."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TypeVar

from django.db.models import Manager, Model

from core.regions import codes
from core.regions.atlas import Atlas, Division, read
from core.regions.models import Programme, ProgrammeMembership, Region, Resolution
from core.regions.models.programme import Precision
from core.regions.selectors import divisions
from core.transactions import needs_transaction

# No source of ours says since when the counties of the list were on it; the list of national
# poverty counties and of the contiguous poor areas was drawn up before this day.
ASSUMED_START = date(2012, 1, 1)

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading one table did, row by row.

    `unknown` rows are in our table alone and left as they are; `left_out` are rows of the sources
    that are no divisions.
    """

    table: str
    added: int
    changed: int
    unchanged: int
    unknown: int
    left_out: int = 0


class UnexplainedRow(ValueError):
    """A row of an official list agrees with no division and no line of the mapping explains it."""


@needs_transaction
def load() -> list[Loaded]:
    """Bring divisions, programmes and memberships up to the shipped tables; safe to repeat."""
    atlas = Atlas()
    regions = _settle(Region.objects, map(_region, atlas.divisions), ("code", "valid_until"))
    divisions.forget_names()
    programmes = _settle(Programme.objects, map(_programme, read("programmes.csv")), ("slug",))
    slugs = dict(Programme.objects.values_list("slug", "pk"))
    memberships = _settle(
        ProgrammeMembership.objects,
        _memberships(slugs, {d.code: d for d in atlas.divisions if d.valid_until is None}),
        ("programme_id", "listed_code"),
    )
    return [replace(regions, left_out=atlas.zones), programmes, memberships]


def _region(division: Division) -> Region:
    return Region(
        **asdict(division),
        level=codes.level_of(division.code),
        parent_code=codes.parent_of(division.code),
        province_code=codes.province_of(division.code),
        prefecture_code=codes.prefecture_of(division.code),
        is_place=division.is_place,
        end_is_assumed=division.valid_until is not None,
    )


def _programme(row: dict[str, str]) -> Programme:
    return Programme(**row)


def _memberships(
    programmes: dict[str, int], present: dict[str, Division]
) -> Iterator[ProgrammeMembership]:
    explained = {row["listed_code"]: row for row in read("counties_832_mapping.csv")}
    for listed in read("counties_832.csv"):
        region_code, resolution, reason = _resolve(listed, explained, present)
        left_year = int(listed["left_year"])
        facts = {
            "region_code": region_code,
            "valid_from": ASSUMED_START,
            "start_is_assumed": True,
            "left_year": left_year,
            "listed_code": listed["listed_code"],
            "listed_name": listed["listed_name"],
            "resolution": resolution,
            "reason": reason,
            "precision": Precision.YEAR,
        }
        yield ProgrammeMembership(programme_id=programmes["832"], **facts)
        # Half-open: the last day is 31 December of the year the county left.
        yield ProgrammeMembership(
            programme_id=programmes["poor-county"],
            valid_until=date(left_year + 1, 1, 1),
            **facts,
        )


def _resolve(
    listed: dict[str, str], explained: dict[str, dict[str, str]], present: dict[str, Division]
) -> tuple[str, str, str]:
    """Match by code and name together, or by the explicit mapping; never by the code alone."""
    code, name = listed["listed_code"], listed["listed_name"]
    mapped = explained.get(code)
    if mapped is None:
        if code not in present or present[code].name != name:
            raise UnexplainedRow(f"{code} {name}")
        return code, Resolution.SAME, "The listed code and name are those of the present table."
    agrees = mapped["listed_name"] == name and mapped["region_code"] in present
    if not agrees or present[mapped["region_code"]].name != mapped["region_name"]:
        raise UnexplainedRow(f"{code} {name}: the mapping no longer fits the tables")
    return mapped["region_code"], mapped["resolution"], mapped["reason"]


def _settle(rows: Manager[Row], wanted: Iterable[Row], key: tuple[str, ...]) -> Loaded:
    """Insert what is missing and update what differs, in one statement each."""
    fields = [field for field in rows.model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001
    names = [field.attname for field in fields]
    stored = {_values(row, key): row for row in rows.all()}
    added: list[Row] = []
    changed: list[Row] = []
    seen = 0
    for row in wanted:
        old = stored.get(_values(row, key))
        if old is None:
            added.append(row)
            continue
        seen += 1
        if _values(old, names) != _values(row, names):
            row.pk = old.pk
            changed.append(row)
    rows.bulk_create(added)
    if changed:
        rows.bulk_update(changed, [field.name for field in fields])
    return Loaded(
        str(rows.model._meta.verbose_name_plural),  # noqa: SLF001
        len(added),
        len(changed),
        seen - len(changed),
        len(stored) - seen,
    )


def _values(row: Model, names: Iterable[str]) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in names)
