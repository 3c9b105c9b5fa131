"""Rows of models as JSON, for a statement that writes several tables at once.

PostgreSQL makes rows of it by `json_populate_record(NULL::<table>, ...)`, which knows the types.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import orjson
from django.db import connection
from django.db.models import Field, Model


def columns_of(model: type[Model], *, without: tuple[str, ...] = (), of: str = "") -> str:
    """Return the columns of a model but its key, as SQL; with `of` each as one of that alias."""
    before = f"{of}." if of else ""
    names = [column for column, _, _ in _columns(model) if column not in without]
    return ", ".join(f'{before}"{name}"' for name in names)


def as_json(rows: Iterable[Model]) -> str:
    """Return new rows as a JSON array, each value as its column keeps it."""
    return orjson.dumps([record(row) for row in rows]).decode()


def record(row: Model) -> dict[str, Any]:
    """Return a new row by column, each value as its column keeps it."""
    return {
        column: value if prepare is None else prepare(value)
        for column, attribute, prepare in _columns(type(row))
        for value in (getattr(row, attribute),)
    }


@cache
def _columns(model: type[Model]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    return [
        (str(field.column), str(field.attname), _prepared(field))
        for field in model._meta.concrete_fields  # noqa: SLF001
        if not field.primary_key
    ]


def _prepared(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    # What a kind of field of our own does to its values; the framework's need nothing in JSON.
    if type(field).__module__.startswith("django."):
        return None
    return lambda value: field.get_db_prep_save(value, connection)
