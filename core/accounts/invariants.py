"""What must always be true of people, derived from scratch."""

from collections.abc import Iterable

from django.db import connection

from core.accounts import sealing
from core.accounts.resealing import SealedColumn, sealed_columns
from core.reconciling import Finding, invariant


@invariant("accounts.personal_fields_are_sealed")
def personal_fields_are_sealed() -> Iterable[Finding]:
    """Every sealed column holds only what one of our keys can open."""
    for place in sealed_columns():
        for row_id in _plain_rows(place):
            yield Finding(f"{place} of row {row_id}", "is not sealed by a key of ours")


def _plain_rows(place: SealedColumn) -> list[int]:
    table, column = (connection.ops.quote_name(name) for name in (place.table, place.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
            f" AND split_part({column}, ':', 1) <> ALL (%s) ORDER BY id",
            [sealing.key_ids()],
        )
        return [pk for (pk,) in cursor.fetchall()]
