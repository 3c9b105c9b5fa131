"""Which rows one real call wrote, and a statement that writes the same ones again at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

# What a placement changes instead of adding: shards by its holds, and the team that it joins.
CHANGED = frozenset({"quotas_quotashard", "groupbuys_team"})
SUBJECTS = {
    "order": "placement_order",
    "shop_order": "placement_shoporder",
    "team_member": "groupbuys_teammember",
}

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Connection = psycopg.Connection[Any]


def kept_in(name: str) -> str:
    """Return the file in which a run keeps the statements that a floor executes."""
    return f"bench-{name}.json"


def keep(connection: Connection, path: Path, orders: Sequence[str]) -> None:
    """Keep, for each order, the statement that writes its rows again."""
    statements = [rewriting(connection, written_with(connection, order)) for order in orders]
    path.write_text(json.dumps(statements), encoding="utf-8")


def written_with(connection: Connection, order: str) -> Rows:
    """Return every row, by table, that the transaction of an order added or changed."""
    cursor = connection.cursor(row_factory=dict_row)
    cursor.execute("SELECT xmin::text AS mark FROM placement_order WHERE reference = %s", [order])
    mark = cursor.fetchone()
    assert mark is not None
    cursor.execute(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace"
    )
    tables = [row["name"] for row in cursor.fetchall()]
    found: dict[str, list[dict[str, Any]]] = {}
    for table in tables:
        query = sql.SQL("SELECT * FROM {} WHERE xmin = %s::text::xid ORDER BY ctid")
        cursor.execute(query.format(sql.Identifier(table)), [mark["mark"]])
        if cursor.rowcount:
            found[table] = cursor.fetchall()
    return found


def count(rows: Rows) -> dict[str, int]:
    """Return how many rows there are in each table."""
    return {table: len(found) for table, found in sorted(rows.items())}


def rewriting(connection: Connection, rows: Rows) -> str:
    """Return one statement that adds the same rows once more, and changes the same ones.

    It takes what must differ each time: `%(order)s`, `%(number)s` and `%(key)s`; where it takes a
    seat, `%(team)s` and `%(user)s` too.
    """
    parts = list(_parts(connection, rows))
    names = [name for name, _ in parts]
    bodies = sql.SQL(", ").join(
        sql.SQL("{} AS ({})").format(sql.Identifier(name), body) for name, body in parts
    )
    text = sql.SQL("WITH {} SELECT id FROM {}").format(bodies, sql.Identifier(names[0]))
    return text.as_string(connection)


def _parts(connection: Connection, rows: Rows) -> Iterator[tuple[str, sql.Composable]]:
    links = _links(connection)
    known: dict[tuple[str, int], str] = {}
    for table in _parents_first(links, rows):
        for place, row in enumerate(rows[table]):
            name = f"{table}_{place}"
            yield name, _insert(table, row, known, links)
            known[table, row["id"]] = name
    if "groupbuys_team" in rows:
        yield (
            "seated",
            sql.SQL("UPDATE groupbuys_team SET locked = locked + 1 WHERE id = %(team)s::bigint"),
        )
    for place, hold in enumerate(rows["quotas_quotahold"]):
        yield (
            f"drawn_{place}",
            sql.SQL("UPDATE quotas_quotashard SET held = held + {} WHERE id = {}").format(
                hold["held"], hold["shard_id"]
            ),
        )


def _insert(
    table: str,
    row: Mapping[str, Any],
    known: Mapping[tuple[str, int], str],
    links: Mapping[tuple[str, str], str],
) -> sql.Composable:
    columns = [column for column in row if column != "id"]
    values = [_value(table, column, row, known, links) for column in columns]
    return sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(values),
    )


def _value(
    table: str,
    column: str,
    row: Mapping[str, Any],
    known: Mapping[tuple[str, int], str],
    links: Mapping[tuple[str, str], str],
) -> sql.Composable:
    fresh = _FRESH.get((table, column))
    if fresh is not None:
        text = fresh.replace("{place}", str(row[column])[-1])
        return sql.SQL(cast("LiteralString", text))
    if column == "reference":
        return sql.SQL("gen_random_uuid()")
    target = links.get((table, column))
    if (table, column) == ("audit_statelog", "subject_id"):
        target = SUBJECTS[row["subject"]]
    if target and (target, row[column]) in known:
        name = sql.Identifier(known[target, row[column]])
        return sql.SQL("(SELECT id FROM {})").format(name)
    value = row[column]
    return _literal(Jsonb(value) if isinstance(value, dict) else value)


_FRESH = {
    ("placement_order", "reference"): "%(order)s::uuid",
    ("placement_order", "number"): "%(number)s",
    ("placement_shoporder", "number"): "%(number)s || '-{place}'",
    ("quotas_quotahold", "owner"): "'order:' || %(order)s",
    ("http_answer", "key"): "%(key)s",
    ("groupbuys_teammember", "team_id"): "%(team)s::bigint",
    ("groupbuys_teammember", "user_id"): "%(user)s::bigint",
}


def _literal(value: Any) -> sql.Composable:
    # A percent sign would be taken for a parameter.
    text = sql.Literal(value).as_string(None).replace("%", "%%")
    return sql.SQL(cast("LiteralString", text))


def _links(connection: Connection) -> dict[tuple[str, str], str]:
    """Return which column points to which table."""
    found = connection.execute(
        """
        SELECT con.conrelid::regclass::text, att.attname, con.confrelid::regclass::text
        FROM pg_constraint AS con
        JOIN pg_attribute AS att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
        WHERE con.contype = 'f'
        """
    )
    return {(table, column): target for table, column, target in found.fetchall()}


def _parents_first(links: Mapping[tuple[str, str], str], rows: Rows) -> list[str]:
    left = [table for table in sorted(rows) if table not in CHANGED]
    ordered: list[str] = []
    while left:
        for table in left:
            above = {target for (child, _), target in links.items() if child == table}
            if table == "audit_statelog":
                above |= set(SUBJECTS.values())
            if not above & (set(left) - {table}):
                ordered.append(table)
                left.remove(table)
                break
        else:
            raise ValueError(f"{left} point at one another")
    # The order itself first: the statement returns its key.
    return sorted(ordered, key=lambda table: table != "placement_order")
