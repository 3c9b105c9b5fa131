"""All rows of the database: as one figure a table, to see that nothing has changed, or as text."""

from collections.abc import Iterator

from django.db import connection


def tables() -> list[str]:
    """Return every table that the market writes."""
    return sorted(
        name
        for name in connection.introspection.table_names()
        # What ships with the project is large, and no address of the API writes it.
        if not name.startswith(("django_", "regions_"))
    )


def everything() -> dict[str, tuple[int, str]]:
    """Return how many rows each table has, and a checksum of them all."""
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
