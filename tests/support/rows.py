"""All rows of the database: as one figure a table, to see that nothing has changed, or as text."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

# What the transaction that is open has written to each table so far; what is rolled back inside it
# stays counted.
WRITTEN = """
SELECT pg_current_xact_id_if_assigned()::text,
    jsonb_object_agg(relname, n_tup_ins + n_tup_upd + n_tup_del)
FROM pg_stat_xact_user_tables
"""
Figures = dict[str, tuple[int, str]]
# By transaction and table: what was read last, and what had been written to the table then.
_last: dict[str, dict[str, tuple[int, tuple[int, str]]]] = {}


def tables() -> list[str]:
    """Return every table that the market writes."""
    return sorted(name for name in connection.introspection.table_names() if _is_ours(name))


def everything() -> Figures:
    """Return how many rows each table has, and a checksum of them all.

    As long as the database says that its transaction has written nothing to a table since, it is
    not read again. What is read and then rolled back belongs inside `undone`.
    """
    transaction_id, written = _written()
    if transaction_id is None:
        return _read(sorted(written))
    if transaction_id not in _last:
        _last.clear()
        _last[transaction_id] = {}
    known = _last[transaction_id]
    stale = [name for name in sorted(written) if known.get(name, (-1,))[0] != written[name]]
    known |= {name: (written[name], read) for name, read in _read(stale).items()}
    return {name: read for name, (_, read) in known.items()}


@contextmanager
def undone() -> Iterator[Figures]:
    """Roll back whatever is written meanwhile; give what `everything` was and is again."""
    before = everything()
    here = transaction.savepoint()
    yield before
    transaction.savepoint_rollback(here)
    _last.clear()
    transaction_id, written = _written()
    if transaction_id is not None:
        _last[transaction_id] = {name: (written[name], read) for name, read in before.items()}


def _is_ours(name: str) -> bool:
    # What ships with the project is large, and no address of the API writes it.
    return not name.startswith(("django_", "regions_"))


def _written() -> tuple[str | None, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        transaction_id, counts = cursor.fetchone()
    counted = json.loads(counts) if isinstance(counts, str) else counts
    return transaction_id, {name: count for name, count in counted.items() if _is_ours(name)}


def _read(names: Sequence[str]) -> Figures:
    if not names:
        return {}
    counted = " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0)::text"
        f' FROM "{name}" AS t'
        for name in names
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
