"""The shipped tables read into one list of divisions; `data/SOURCE.md` says what each one is.

The statistics-bureau table of 2023 decides which codes exist, areacity lends pinyin and what lies
outside that table, the older adcode table lends coordinates and the codes that have been retired.
Where they disagree, `data/disagreements.csv` decides row by row.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from pypinyin import lazy_pinyin

from core.regions import codes
from core.regions.codes import Level

DATA = Path(__file__).parent / "data"

# The latest day on which a code absent from the table of 2023 can have ended.
TABLE_DAY = date(2024, 1, 1)
# GB/T 2260 has these three as one code each: what lies below has no code of the standard.
UNDIVIDED_PROVINCES = {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}
# Prefecture-level cities without counties: both the prefecture and the place.
UNDIVIDED_PREFECTURES = frozenset({"441900", "442000", "460400"})
_MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})
_PLACEHOLDERS = ("市辖区", "直辖县级行政区划", "直辖县级行政单位")


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the regions table as the sources give it."""

    code: str
    name: str
    pinyin: str
    initials: str
    full_name: str = ""
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def is_place(self) -> bool:
        """Tell whether goods can come from here: nothing lies below."""
        whole = UNDIVIDED_PREFECTURES | UNDIVIDED_PROVINCES.keys()
        return codes.level_of(self.code) is Level.COUNTY or self.code in whole


@dataclass
class Atlas:
    """All divisions, present and retired, and how many rows were left out on purpose."""

    zones: int = field(default=0, init=False)

    @cached_property
    def divisions(self) -> list[Division]:
        """Return every division with its full name, sorted by code, older names first."""
        current = {code: self._division(code, name) for code, name in self._current()}
        retired = [
            replace(self._division(code, name), valid_until=TABLE_DAY)
            for code, name in self._retired(current)
        ]
        for code in current.keys() & {division.code for division in retired}:
            current[code] = replace(current[code], valid_from=TABLE_DAY)
        known = {division.code: division.name for division in [*retired, *current.values()]}
        return sorted(
            (
                replace(division, full_name=_full_name(division, known))
                for division in [*retired, *current.values()]
            ),
            key=lambda division: (division.code, division.valid_until or date.max),
        )

    @cached_property
    def _decisions(self) -> dict[str, str]:
        return {row["code"]: row["decision"] for row in read("disagreements.csv")}

    @cached_property
    def _areacity(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for row in read("areacity_level3.csv.gz"):
            found.setdefault(row["id"][:6].ljust(6, "0"), row)
        return found

    @cached_property
    def _older(self) -> dict[str, dict[str, str]]:
        return {row["adcode"][:6]: row for row in read("adcodes_lonlat.csv.gz")}

    def _current(self) -> Iterator[tuple[str, str]]:
        yield from ((f"{row['code']}0000", row["name"]) for row in read("provinces.csv"))
        yield from UNDIVIDED_PROVINCES.items()
        for row in read("cities.csv"):
            if not row["code"].endswith("90"):
                code = f"{row['code']}00"
                yield code, self._areacity[code]["ext_name"]
        for row in read("areas.csv.gz"):
            if self._is_county(row["code"]):
                yield row["code"], row["name"]
        for code, decision in self._decisions.items():
            if decision == "CURRENT":
                yield code, self._areacity[code]["ext_name"]

    def _is_county(self, code: str) -> bool:
        """Leave out statistical zones, which have no code of the standard."""
        if code[4] == "7" and code not in self._areacity:
            self.zones += 1
            return False
        return not code.endswith("00") and code not in self._decisions

    def _retired(self, current: dict[str, Division]) -> Iterator[tuple[str, str]]:
        for row in read("disagreements.csv"):
            if row["decision"] == "RETIRED":
                yield row["code"], row["name"]
        for code, row in self._older.items():
            name = row["name"]
            is_placeholder = name.endswith(_PLACEHOLDERS) or code in self._decisions
            is_renamed = code in current and codes.level_of(code) is Level.COUNTY
            is_gone = code not in current
            if not is_placeholder and (is_gone or (is_renamed and current[code].name != name)):
                yield code, name

    def _division(self, code: str, name: str) -> Division:
        older = self._older.get(code, {})
        longitude = older.get("longitude")
        syllables = self._syllables(code, name)
        return Division(
            code=code,
            name=name,
            pinyin="".join(syllables),
            initials="".join(syllable[0] for syllable in syllables),
            longitude=_degrees(longitude) if longitude else None,
            latitude=_degrees(older["latitude"]) if longitude else None,
        )

    def _syllables(self, code: str, name: str) -> list[str]:
        """Spell a name: areacity knows how places are read, the rest is spelled by its words."""
        row = self._areacity.get(code)
        if row is None or row["ext_name"] != name:
            return list(lazy_pinyin(name))
        return [*row["pinyin"].split(), *lazy_pinyin(name[len(row["name"]) :])]


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table."""
    content = (DATA / name).read_bytes()
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _degrees(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.000001"))


def _full_name(division: Division, known: dict[str, str]) -> str:
    line = [division.code, *codes.ancestors(division.code)[1:]]
    if codes.province_of(division.code) in _MUNICIPALITIES:
        line = [code for code in line if codes.level_of(code) is not Level.PREFECTURE] or line
    names = [known.get(code, "") for code in reversed(line[1:])]
    return "".join([*names, division.name])
