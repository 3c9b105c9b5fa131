"""Whole rows of models by a condition written by hand, for what is read at every order.

A QuerySet puts its statement together at every call; this is put together once.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


def rows_of(model: type[M], chosen: str, given: Sequence[Any]) -> list[M]:
    """Return the rows that the rest of a statement chooses: `WHERE ...` and what follows it."""
    with connection.cursor() as cursor:
        cursor.execute(_select(model, chosen), given)
        found = [list(row) for row in cursor.fetchall()]
    names, conversions = _fields(model)
    for row in found:
        for place, column, convert in conversions:
            row[place] = convert(row[place], column, connection)
    return [model.from_db(connection.alias, names, row) for row in found]


@cache
def _select(model: type[Model], chosen: str) -> str:
    options = model._meta  # noqa: SLF001
    columns = ", ".join(f'"{field.column}"' for field in options.concrete_fields)
    return f"SELECT {columns} FROM {options.db_table} {chosen}"  # noqa: S608 - no input in it.


@cache
def _fields(model: type[Model]) -> tuple[list[str], list[tuple[int, Any, Callable[..., Any]]]]:
    # What a kind of field makes of what its column keeps: JSON is read, a seal is opened.
    fields = model._meta.concrete_fields  # noqa: SLF001
    conversions = [
        (place, field.cached_col, convert)
        for place, field in enumerate(fields)
        for convert in field.get_db_converters(connection)
    ]
    return [field.attname for field in fields], conversions
