"""What paired regions bought from those they help, each sale counted for one pairing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.regions.selectors import divisions, pairings
from orders.reports.selectors.sales import Days, Sales, figures, lines_of, sales_of


@dataclass(frozen=True, slots=True)
class PairedSales:
    """What counted for one pairing."""

    reference: str
    helper: tuple[str, str]
    helped: tuple[str, str]
    sales: Sales


def by_pairing(days: Days, scope: Sequence[str] | None) -> list[PairedSales]:
    """Return the sales that counted for each pairing, the largest first."""
    rows: Any = (
        lines_of(days, scope)
        .filter(pairing__isnull=False)
        .values("pairing_id")
        .annotate(**figures())
        .order_by("pairing_id")
    )
    found = [(row["pairing_id"], sales_of(row)) for row in rows]
    found.sort(key=lambda one: -one[1].paid_fen)
    known = pairings.by_ids([key for key, _ in found])
    names = divisions.names({code for one in known.values() for code in (one.helper, one.helped)})
    return [
        PairedSales(
            str(known[key].reference),
            (known[key].helper, names.get(known[key].helper, "")),
            (known[key].helped, names.get(known[key].helped, "")),
            sales,
        )
        for key, sales in found
    ]


def total(days: Days, scope: Sequence[str] | None) -> Sales:
    """Return all paired sales: one order over several pairings counts once here."""
    return sales_of(lines_of(days, scope).filter(pairing__isnull=False).aggregate(**figures()))
