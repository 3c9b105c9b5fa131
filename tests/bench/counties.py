"""Fifty real counties and what they are known for: where the large catalogue comes from."""

import csv
from itertools import groupby
from pathlib import Path

from tests.market_day.cast import County, Good

_ROWS = Path(__file__).with_name("counties.csv")


def _read() -> tuple[County, ...]:
    with _ROWS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        County(code, name, tuple(map(_good, goods)))
        for (code, name), goods in groupby(rows, lambda row: (row["code"], row["county"]))
    )


def _good(row: dict[str, str]) -> Good:
    return Good(row["good"], row["category"], int(row["fen_per_kg"]), int(row["grams"]))


FIFTY = _read()
