"""Sealed columns, wherever they stand: found, checked, and sealed again after a key was changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection

from core.accounts import sealing
from core.transactions import entry


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of one table."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


def sealed_columns() -> list[SealedColumn]:
    """Return every sealed column of the house, by table and name."""
    return sorted(_columns(), key=str)


def _columns() -> Iterator[SealedColumn]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:  # noqa: SLF001 - Django's own documented door.
            if isinstance(field, sealing.SealedTextField):
                yield SealedColumn(model._meta.db_table, field.column or field.name)  # noqa: SLF001


@entry
def reseal(place: SealedColumn, *, limit: int = 500) -> int:
    """Seal rows of one column with the current key; return how many, 0 when all are.

    Rows that somebody is working on are left for the next call.
    """
    table, column = (connection.ops.quote_name(name) for name in (place.table, place.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {column} FROM {table} WHERE {column} NOT LIKE %s"  # noqa: S608
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [f"{sealing.current_key_id()}:%", limit],
        )
        rows = [(sealing.seal(sealing.open_sealed(old)), pk) for pk, old in cursor.fetchall()]
        cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE id = %s", rows)  # noqa: S608
    return len(rows)
