"""Pages by keyset: page 1 and page 1,000 cost the same, and nothing is skipped or shown twice."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.core.signing import BadSignature, Signer
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError, InvalidInput

PAGE_SIZE, PAGE_SIZE_MAX = 20, 100

# Row comparison, so that PostgreSQL walks the index instead of filtering it.
_COMPARE = "(({columns}) {sign} ({values}))"
_READERS: Mapping[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": UUID,
}


class InvalidCursor(DomainError):
    """This page address is not one that we gave out for this list."""

    code = "INVALID_CURSOR"
    zh = "分页地址无效，请从第一页重新开始。"
    status = 400


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: behind (or, going back, before) a row with these sort values."""

    size: int
    values: tuple[Any, ...] | None = None
    is_backward: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A page as SQL: `where` may be empty; the limit is one more than the page.

    `columns` are those that it is sorted by, in the same spelling.
    """

    where: str
    params: list[Any]
    order_by: str
    limit: int
    columns: str


class Keyset:
    """An ordering that pages can be cut from; its last column must be unique.

    Written like Django's: `("-sold", "-id")`. NULL sorts as PostgreSQL does: above everything.
    """

    def __init__(self, ordering: Sequence[str], page_size: int = PAGE_SIZE) -> None:
        self.columns = tuple(name.removeprefix("-") for name in ordering)
        self.is_down = tuple(name.startswith("-") for name in ordering)
        self.page_size = page_size
        self._signer = Signer(salt=f"cursor:{','.join(ordering)}")

    def position(self, request: Request) -> Position:
        """Read `cursor` and `page_size`.

        Raises:
            InvalidCursor: the cursor was changed, or belongs to another ordering.
            InvalidInput: the page size is not a number from 1 to 100.
        """
        size = self.limit(request)
        cursor = request.query_params.get("cursor")
        if cursor is None:
            return Position(size)
        values, is_backward = self.decode(cursor)
        return Position(size, values, is_backward)

    def limit(self, request: Request) -> int:
        """Return how many rows a page of this request holds."""
        asked = request.query_params.get("page_size", str(self.page_size))
        if asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= PAGE_SIZE_MAX:
            return int(asked)
        raise InvalidInput.at("/page_size", "OUT_OF_RANGE", f"1 - {PAGE_SIZE_MAX}")

    def encode(self, values: Sequence[Any], *, is_backward: bool = False) -> str:
        """Return the cursor of a row: opaque, and useless once changed."""
        said = orjson.dumps([int(is_backward), [_tagged(value) for value in values]])
        return self._signer.sign(urlsafe_b64encode(said).decode().rstrip("="))

    def decode(self, cursor: str) -> tuple[tuple[Any, ...], bool]:
        """Return the sort values of a cursor, and whether it goes back."""
        try:
            said = self._signer.unsign(cursor)
            is_backward, values = orjson.loads(urlsafe_b64decode(said + "=" * (-len(said) % 4)))
            return tuple(_untagged(value) for value in values), bool(is_backward)
        except (BadSignature, ValueError) as wrong:
            raise InvalidCursor from wrong

    def sql(self, position: Position, columns: Mapping[str, str] | None = None) -> Clause:
        """Return a page as SQL; `columns` spells the sort names, which must not be NULL there."""
        spelled = [(columns or {}).get(name, name) for name in self.columns]
        down = self._down(position)
        order_by = ", ".join(
            f"{name} {'DESC' if falls else 'ASC'}"
            for name, falls in zip(spelled, down, strict=True)
        )
        where, params = "", list[Any]()
        if position.values is not None:
            where, params = _after(spelled, down, position.values)
        return Clause(where, params, order_by, position.size + 1, ", ".join(spelled))

    def page_of(self, queryset: QuerySet[Any], position: Position) -> list[Any]:
        """Return the rows of a page in reading direction, and one more where there are more."""
        down = self._down(position)
        ordered = queryset.order_by(
            *(f"-{name}" if falls else name for name, falls in zip(self.columns, down, strict=True))
        )
        if position.values is not None:
            ordered = ordered.filter(self._behind(queryset, down, position.values))
        return list(ordered[: position.size + 1])

    def answer(
        self,
        request: Request,
        position: Position,
        rows: Sequence[Any],
        *,
        render: Callable[[Any], Any],
        sort_values: Callable[[Any], Sequence[Any]] | None = None,
    ) -> Response:
        """Return the page with its neighbours, from the rows of `page_of` or of `sql`."""
        return Response(self.payload(request, position, rows, render=render, key=sort_values))

    def payload(
        self,
        request: Request,
        position: Position,
        rows: Sequence[Any],
        *,
        render: Callable[[Any], Any],
        key: Callable[[Any], Sequence[Any]] | None = None,
    ) -> dict[str, Any]:
        """Return the members of a page: `results`, `next`, `previous`."""
        has_more = len(rows) > position.size
        page = list(rows[: position.size])
        if position.is_backward:
            page.reverse()
        read = key or self._values_of
        is_first = not (has_more if position.is_backward else position.values is not None)
        is_last = not (position.is_backward or has_more)

        def link(row: Any, *, is_backward: bool) -> str:
            return address(self.encode(read(row), is_backward=is_backward))

        address = _addresses(request)

        return {
            "results": [render(row) for row in page],
            "next": None if is_last or not page else link(page[-1], is_backward=False),
            "previous": None if is_first or not page else link(page[0], is_backward=True),
        }

    def _down(self, position: Position) -> tuple[bool, ...]:
        return tuple(falls != position.is_backward for falls in self.is_down)

    def _values_of(self, row: Any) -> list[Any]:
        if isinstance(row, Mapping):
            return [row[name] for name in self.columns]
        return [reduce(getattr, name.split("__"), row) for name in self.columns]

    def _behind(self, queryset: QuerySet[Any], down: Sequence[bool], values: Sequence[Any]) -> Any:
        if len(set(down)) == 1 and not any(_may_be_null(queryset, name) for name in self.columns):
            return _RowComparison(self.columns, values, sign="<" if down[0] else ">")
        steps = []
        for place, (name, falls, value) in enumerate(zip(self.columns, down, values, strict=True)):
            same = Q()
            for earlier, its_value in zip(self.columns[:place], values[:place], strict=True):
                same &= _is(earlier, its_value)
            steps.append(same & _beyond(name, value, falls=falls))
        return reduce(or_, steps)


class _RowComparison(Func):
    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: Sequence[str], values: Sequence[Any], sign: str) -> None:
        super().__init__(*map(F, columns), *map(Value, values))
        self.sign = sign

    def as_sql(  # type: ignore[override]
        self,
        compiler: Any,
        connection: Any,  # noqa: ARG002
        **_: Any,
    ) -> tuple[str, list[Any]]:
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        half = len(parts) // 2
        sql = _COMPARE.format(
            columns=", ".join(part[0] for part in parts[:half]),
            sign=self.sign,
            values=", ".join(part[0] for part in parts[half:]),
        )
        return sql, [param for part in parts for param in part[1]]


def paged(
    request: Request,
    queryset: QuerySet[Any],
    *,
    ordering: Sequence[str],
    render: Callable[[Any], Any],
    page_size: int = PAGE_SIZE,
) -> Response:
    """Answer with one page of a queryset; the last name of `ordering` must be unique."""
    keyset = Keyset(ordering, page_size)
    position = keyset.position(request)
    return keyset.answer(request, position, keyset.page_of(queryset, position), render=render)


def _may_be_null(queryset: QuerySet[Any], name: str) -> bool:
    try:
        return bool(queryset.model._meta.get_field(name).null)  # noqa: SLF001
    except FieldDoesNotExist:
        return True


def _is(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})


def _beyond(name: str, value: Any, *, falls: bool) -> Q:
    if falls:
        # Going down NULL came first, so behind it is everything else.
        return Q(**{f"{name}__isnull": False} if value is None else {f"{name}__lt": value})
    if value is None:
        return Q(pk__in=[])
    return Q(**{f"{name}__gt": value}) | Q(**{f"{name}__isnull": True})


def _after(
    columns: Sequence[str], down: Sequence[bool], values: Sequence[Any]
) -> tuple[str, list[Any]]:
    if len(set(down)) == 1:
        marks = ", ".join("%s" for _ in values)
        sign = "<" if down[0] else ">"
        return _COMPARE.format(columns=", ".join(columns), sign=sign, values=marks), list(values)
    steps: list[str] = []
    params: list[Any] = []
    for place, (name, falls) in enumerate(zip(columns, down, strict=True)):
        steps.append(
            " AND ".join(
                f"{column} {sign} %s"
                for column, sign in [
                    *((earlier, "=") for earlier in columns[:place]),
                    (name, "<" if falls else ">"),
                ]
            )
        )
        params += values[: place + 1]
    return f"({' OR '.join(f'({step})' for step in steps)})", params


def _tagged(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, UUID):
        return {"u": str(value)}
    return value


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        ((tag, text),) = value.items()
        return _READERS[tag](text)
    return value


def _addresses(request: Request) -> Callable[[str], str]:
    """Return what makes the address of a page out of its cursor: this address, another cursor."""
    asked = dict(request.query_params.lists())
    place = request.build_absolute_uri(request.path)

    def address(cursor: str) -> str:
        return f"{place}?{urlencode(asked | {'cursor': [cursor]}, doseq=True)}"

    return address
