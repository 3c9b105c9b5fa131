"""Moving a state: compare-and-set and its log row, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Field, Model, QuerySet, Value, When
from django.db.models.sql import UpdateQuery

from core.audit.actors import Actor
from core.errors import IllegalTransition
from core.postgres.recording import as_json, columns_of
from core.states import Machine
from core.transactions import needs_transaction

BIRTH = "create"

_LOGGED = """
INSERT INTO audit_statelog
    (subject, subject_id, actor_id, on_behalf_of_id, action, from_state, to_state, reason, at)
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a model that have one value in one column: what most steps are about.

    The statement that moves them is put together once; a QuerySet is compiled at every call. What
    is changed with the state are plain values.
    """

    model: type[Model]
    column: str
    value: Any


@needs_transaction
def advance(
    rows: QuerySet[Any] | Rows,
    machine: Machine,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **changes: Any,
) -> list[int]:
    """Move every row that stands where the action can start; return the ids that moved.

    The guard is the WHERE of the UPDATE, so of two racing callers one moves the row and the
    other gets an empty list. `changes` are further columns, plain values or expressions. A set
    that other writers may touch in another order is locked first by its caller.

    Raises:
        IllegalTransition: no state of the machine knows the action.
    """
    moves = machine.moves_of(action)
    try:
        if isinstance(rows, Rows):
            statement, params = _put_together(rows, moves, changes)
        else:
            statement, params = _compiled(rows, moves, changes)
    except EmptyResultSet:
        return []
    log = (machine.subject, actor.user_id, actor.on_behalf_of_id, action, reason, now)
    with connection.cursor() as cursor:
        cursor.execute(statement, (*params, *log))
        return [moved_id for (moved_id,) in cursor.fetchall()]


def advance_one(
    rows: QuerySet[Any] | Rows,
    machine: Machine,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **changes: Any,
) -> int:
    """Move the one row that was meant; return its id.

    Raises:
        IllegalTransition: it does not stand where the action can start.
    """
    moved = advance(rows, machine, action, actor=actor, now=now, reason=reason, **changes)
    if not moved:
        raise IllegalTransition(subject=machine.subject, action=action)
    if len(moved) > 1:
        raise ValueError(f"{machine.subject} {action}: moved {len(moved)} rows where one was meant")
    return moved[0]


@needs_transaction
def begin(row: Model, machine: Machine, *, actor: Actor, now: datetime) -> None:
    """Insert a new row together with the first line of its life; the row has its key then."""
    with connection.cursor() as cursor:
        cursor.execute(
            _beginning(type(row), machine.subject),
            {"rows": as_json([row]), **birth(actor=actor, now=now)},
        )
        (row.pk,) = cursor.fetchone()


@needs_transaction
def log_birth(
    machine: Machine, ids: Sequence[int], state: str, *, actor: Actor, now: datetime
) -> None:
    """Write the first line of each life, in one statement."""
    log_births([(machine, key, state) for key in ids], actor=actor, now=now)


@needs_transaction
def log_births(born: Sequence[tuple[Machine, int, str]], *, actor: Actor, now: datetime) -> None:
    """Write the first line of lives of several kinds: machine, id, state; in one statement."""
    source = """
        SELECT * FROM unnest(%(subjects)s::text[], %(ids)s::bigint[], %(states)s::text[])
    """
    with connection.cursor() as cursor:
        cursor.execute(
            births_of(source),
            {
                **birth(actor=actor, now=now),
                "subjects": [machine.subject for machine, _, _ in born],
                "ids": [key for _, key, _ in born],
                "states": [state for _, _, state in born],
            },
        )


@cache
def _beginning(model: type[Model], subject: str) -> str:
    table, columns = model._meta.db_table, columns_of(model)  # noqa: SLF001
    return f"""
        WITH begun AS (
            INSERT INTO {table} ({columns})
            SELECT {columns} FROM json_populate_recordset(NULL::{table}, %(rows)s::json)
            RETURNING id, state
        ), lives AS (
            {births_of(f"SELECT '{subject}', id, state FROM begun")}
        )
        SELECT id FROM begun
    """  # noqa: S608 - put together from our own names.


def births_of(source: str) -> str:
    """Return the statement that writes the first line of each life that a query names.

    The query gives subject, id and state; the statement takes what `birth` gives. It can stand in
    the statement that brings those lives about.
    """
    return f"""
        {_LOGGED}
        SELECT subject, id, %(actor)s, %(on_behalf_of)s, %(birth)s, '', state, '', %(born_at)s
        FROM ({source}) AS born (subject, id, state)
    """  # noqa: S608


def birth(*, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return who brings lives about, and when, for a statement of `births_of`."""
    return {
        "actor": actor.user_id,
        "on_behalf_of": actor.on_behalf_of_id,
        "birth": BIRTH,
        "born_at": now,
    }


def _put_together(
    rows: Rows, moves: Mapping[str, str], changes: Mapping[str, Any]
) -> tuple[str, tuple[Any, ...]]:
    statement = _statement(rows.model, rows.column, tuple(moves.items()), tuple(changes))
    fields = _fields(rows.model)
    kept = [fields[name].get_db_prep_save(value, connection) for name, value in changes.items()]
    return statement, (*kept, rows.value)


@cache
def _statement(
    model: type[Model], column: str, moves: tuple[tuple[str, str], ...], changed: tuple[str, ...]
) -> str:
    fields = _fields(model)
    targets = " ".join(f"WHEN '{source}' THEN '{target}'" for source, target in moves)
    changes = [f"state = CASE state {targets} END"]
    changes += [f"{fields[name].column} = %s" for name in changed]
    sources = ", ".join(f"'{source}'" for source, _ in moves)
    table = model._meta.db_table  # noqa: SLF001
    return _logged(
        f"UPDATE {table} SET {', '.join(changes)}"  # noqa: S608 - put together from our own names.
        f" WHERE {column} = %s AND state IN ({sources})",
        model,
    )


@cache
def _fields(model: type[Model]) -> "dict[str, Field[Any, Any]]":
    return {field.name: field for field in model._meta.concrete_fields}  # noqa: SLF001


def _logged(update: str, model: type[Model]) -> str:
    """Return an UPDATE that logs each row's step and answers the ids that moved, in order."""
    key = connection.ops.quote_name(str(model._meta.pk.column))  # noqa: SLF001
    return f"""
        WITH moved AS (
            {update} RETURNING new.{key} AS id, old.state AS from_state, new.state AS to_state
        ), logged AS (
            {_LOGGED}
            SELECT %s, id, %s, %s, %s, from_state, to_state, %s, %s FROM moved
        )
        SELECT id FROM moved ORDER BY id
    """  # noqa: S608


def _compiled(
    rows: QuerySet[Any], moves: Mapping[str, str], changes: Mapping[str, Any]
) -> tuple[str, tuple[Any, ...]]:
    query: Any = _guarded(rows, moves).query.chain(UpdateQuery)
    query.clear_ordering(force=True)
    query.annotations = {}
    query.add_update_values({"state": _target(moves), **changes})
    update, params = query.get_compiler(connection=connection).as_sql()
    return _logged(update, rows.model), params


def _guarded(rows: QuerySet[Any], moves: Mapping[str, str]) -> QuerySet[Any]:
    if rows.query.is_sliced:
        raise TypeError("Advance a whole set: list the ids of a slice first.")
    if _stands_alone(rows):
        return rows.filter(state__in=list(moves))
    # The guard must stand in the UPDATE's own WHERE, where PostgreSQL checks it again on a row
    # that somebody changed meanwhile; inside a subquery of joins it would not be looked at.
    chosen: QuerySet[Any] = rows.model.objects.filter(
        pk__in=rows.order_by().values("pk"), state__in=list(moves)
    )
    return chosen


def _stands_alone(rows: QuerySet[Any]) -> bool:
    query = rows.query.clone()
    query.get_initial_alias()
    return bool(query.count_active_tables() == 1)


def _target(moves: Mapping[str, str]) -> Any:
    targets = set(moves.values())
    if len(targets) == 1:
        return targets.pop()
    return Case(
        *(When(state=source, then=Value(target)) for source, target in sorted(moves.items()))
    )
