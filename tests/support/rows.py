"""All rows of the database: as one figure a table, to see that nothing has changed, or as text."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# What the transaction that is open has written so far; what is rolled back inside it stays counted.
WRITTEN = """
SELECT pg_current_xact_id_if_assigned()::text, sum(n_tup_ins + n_tup_upd + n_tup_del)
FROM pg_stat_xact_user_tables
"""
# What was read last, and what had been written then.
_last: dict[tuple[str | None, int], dict[str, tuple[int, str]]] = {}


def tables() -> list[str]:
    """Return every table that the market writes."""
    return sorted(
        name
        for name in connection.introspection.table_names()
        # What ships with the project is large, and no address of the API writes it.
        if not name.startswith(("django_", "regions_"))
    )


def everything() -> dict[str, tuple[int, str]]:
    """Return how many rows each table has, and a checksum of them all.

    As long as the database says that its transaction has written nothing since, they are not read
    again. What is read and then rolled back belongs inside `undone`.
    """
    written = _written()
    if written not in _last or written[0] is None:
        _last.clear()
        _last[written] = _read()
    return _last[written]


@contextmanager
def undone() -> Iterator[dict[str, tuple[int, str]]]:
    """Roll back whatever is written meanwhile; give what `everything` was and is again."""
    before = everything()
    here = transaction.savepoint()
    yield before
    transaction.savepoint_rollback(here)
    _last.clear()
    _last[_written()] = before


def _written() -> tuple[str | None, int]:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        transaction_id, rows = cursor.fetchone()
    return transaction_id, rows


def _read() -> dict[str, tuple[int, str]]:
    counted = " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0)::text"
        f' FROM "{name}" AS t'
        for name in tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(counted)
        return {name: (rows, checksum) for name, rows, checksum in cursor.fetchall()}


def texts() -> Iterator[tuple[str, str]]:
    """Yield each table with all that is written in it."""
    with connection.cursor() as cursor:
        for name in tables():
            cursor.execute(f"SELECT string_agg(t::text, E'\\n') FROM \"{name}\" AS t")
            yield name, cursor.fetchone()[0] or ""
