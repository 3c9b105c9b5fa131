"""What comes in: strict forms and the few kinds of field that the whole market shares."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Self, cast
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.request import Request

from core.errors import DomainError
from core.http.problems import sentence_of

FEN_MAX = 10_000_000_000_000
GRAMS_MAX = 10_000_000_000
COUNT_MAX = 1_000_000
YEAR_MIN, YEAR_MAX = 1900, 2200
# Read by `paged`, whatever else a list may be asked.
PAGE_WORDS = frozenset({"cursor", "page_size"})

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,30}", re.ASCII)
_LINE_BREAKS = frozenset("\n\r\t")

_SENTENCES = {
    "UNKNOWN_FIELD": ("There is no field of this name.", "没有这个字段。"),
    "REPEATED": ("Give this only once.", "此项只能填写一次。"),
    "NOT_AN_INTEGER": ("A whole number is expected.", "请填写整数。"),
    "NOT_TEXT": ("Text is expected.", "请填写文字。"),
    "NOT_TRUE_OR_FALSE": ("Either true or false is expected.", "请填写 true 或 false。"),
    "FORBIDDEN_CHARACTER": (
        "It contains a character that is not allowed here.",
        "包含不允许的字符。",
    ),
    "NOT_AN_INSTANT": (
        "A date and time such as 2026-11-11T12:00:00+08:00 is expected.",
        "请填写日期时间，例如 2026-11-11T12:00:00+08:00。",
    ),
    "NAIVE_TIME": ("The time needs its offset, such as +08:00.", "时间必须带时区，例如 +08:00。"),
    "NOT_A_DATE": ("A date such as 2026-11-11 is expected.", "请填写日期，例如 2026-11-11。"),
    "NOT_AN_ID": ("An id as this market gives it is expected.", "请填写有效的编号。"),
    "WINDOW_NOT_FORWARD": ("The end must be later than the start.", "结束必须晚于开始。"),
}


def fault(code: str) -> serializers.ValidationError:
    """Return the refusal of one value by a rule of this module."""
    english, chinese = _SENTENCES[code]
    words = chinese if (get_language() or "").startswith("zh") else english
    return serializers.ValidationError(words, code=code)


def refused(refusal: DomainError | type[DomainError]) -> serializers.ValidationError:
    """Return a domain refusal as the refusal of the value at hand, for a field to raise."""
    return serializers.ValidationError(sentence_of(refusal), code=refusal.code)


def forward(values: Mapping[str, Any], start: str, end: str) -> None:
    """Refuse a window that ends before it starts, or is empty."""
    if values.get(start) and values.get(end) and values[start] >= values[end]:
        raise serializers.ValidationError({end: fault("WINDOW_NOT_FORWARD").detail})


_UNASKED: dict[type, dict[str, Any]] = {}
# Each form once for each way of reading it: laying out its fields costs more than reading them.
_LAID_OUT: dict[tuple[type, bool, bool], "Form"] = {}


def _asks_for_a_page_only(query: QueryDict) -> bool:
    return all(name in PAGE_WORDS and len(values) == 1 for name, values in query.lists())


def _is_constant(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, tuple))


class Form(serializers.Serializer[Any]):
    """Words in; a name that the form does not know is an error, not ignored."""

    @classmethod
    def read(cls, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """Return what the body says.

        Raises:
            InvalidInput: with one fault for every value that is wrong (as a ValidationError).
        """
        return cls._validated(request.data, partial=partial)

    @classmethod
    def read_query(cls, request: Request) -> dict[str, Any]:
        """Return what the query string says; the words of paging are left to `paged`.

        What a form makes of nothing is always the same, so it is asked only once.
        """
        if cls in _UNASKED and _asks_for_a_page_only(request.query_params):
            return dict(_UNASKED[cls])
        given = cls._laid_out(from_query=True).single_values(request.query_params)
        values = cls._validated(given, from_query=True)
        if not given and all(map(_is_constant, values.values())):
            _UNASKED[cls] = dict(values)
        return values

    @classmethod
    def _validated(
        cls, given: Any, *, partial: bool = False, from_query: bool = False
    ) -> dict[str, Any]:
        try:
            return dict(cls._laid_out(partial=partial, from_query=from_query).run_validation(given))
        except serializers.ValidationError:
            # The framework words what is wrong of a form as a whole; only then one is made anew.
            form = cls._made(partial=partial, from_query=from_query)
            form.initial_data = given
            form.is_valid(raise_exception=True)
            return dict(form.validated_data)

    @classmethod
    def _laid_out(cls, *, partial: bool = False, from_query: bool = False) -> Self:
        """Return the form whose fields all requests share: they keep nothing of what they read."""
        key = (cls, partial, from_query)
        if key not in _LAID_OUT:
            _LAID_OUT[key] = cls._made(partial=partial, from_query=from_query)
        return cast("Self", _LAID_OUT[key])

    @classmethod
    def _made(cls, *, partial: bool, from_query: bool) -> Self:
        form = cls(context={"from_query": from_query})
        if partial:
            # Only what the form itself asks for may be left out; what stands inside is whole.
            for field in form.fields.values():
                field.required, field.default = False, serializers.empty
        return form

    def single_values(self, query: QueryDict) -> dict[str, Any]:
        """Return each name with its value, or its values where the form takes several."""
        values: dict[str, Any] = {}
        for name, given in query.lists():
            if isinstance(self.fields.get(name), serializers.ListField):
                values[name] = given
            elif len(given) > 1:
                raise serializers.ValidationError({name: fault("REPEATED").detail})
            elif name not in PAGE_WORDS or name in self.fields:
                values[name] = given[0]
        return values

    def to_internal_value(self, data: Any) -> Any:
        """Read every field, and report unknown ones together with what else is wrong."""
        unknown: dict[str, Any] = {}
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = {name: fault("UNKNOWN_FIELD").detail for name in data if name not in known}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as wrong:
            if unknown and isinstance(wrong.detail, dict):
                raise serializers.ValidationError({**wrong.detail, **unknown}) from wrong
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return values


class NothingForm(Form):
    """Nothing needs to be said; what is said all the same is refused, not ignored."""


class WholeNumberField(serializers.IntegerField):
    """An integer: in JSON never a string, a float or a truth value."""

    def to_internal_value(self, data: Any) -> int:
        if self.context.get("from_query") and isinstance(data, str):
            if _WHOLE_NUMBER.fullmatch(data):
                return int(data)
        elif isinstance(data, int) and not isinstance(data, bool):
            return data
        raise fault("NOT_AN_INTEGER")


class FenField(WholeNumberField):
    """Money in fen, from 0 to 100 billion yuan."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": FEN_MAX, **kwargs})


class GramField(WholeNumberField):
    """A weight in grams, from 1 g to 10,000 t."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": GRAMS_MAX, **kwargs})


class CountField(WholeNumberField):
    """A number of things, from 1 to a million."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": COUNT_MAX, **kwargs})


class FlagField(serializers.BooleanField):
    """A truth value: in JSON only true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if self.context.get("from_query") and data in ("true", "false"):
            return bool(data == "true")
        if data is True or data is False:
            return bool(data)
        raise fault("NOT_TRUE_OR_FALSE")


class TextField(serializers.CharField):
    """Text for people: NFC, without control characters or invisible changes of direction."""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        self.multiline = multiline
        super().__init__(**{"max_length": 200, **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # Before anything else looks at it: the framework would turn numbers into text.
        if data is not serializers.empty and data is not None:
            if not isinstance(data, str):
                raise fault("NOT_TEXT")
            data = unicodedata.normalize("NFC", data)
            if any(self._is_forbidden(character) for character in data):
                raise fault("FORBIDDEN_CHARACTER")
        return super().run_validation(data)

    def _is_forbidden(self, character: str) -> bool:
        if self.multiline and character in _LINE_BREAKS:
            return False
        # A zero-width joiner is part of many emoji; the other format characters only hide.
        return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and (
            character not in "\u200d\u200c"
        )


class CodeField(serializers.ChoiceField):
    """One of the codes of an enum, written exactly."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            raise fault("NOT_TEXT")
        return super().to_internal_value(data)


class ReferenceField(serializers.UUIDField):
    """The id of something, as the market gave it out."""

    def to_internal_value(self, data: Any) -> UUID:
        if isinstance(data, str) and len(data) == 36:
            try:
                return UUID(data)
            except ValueError:
                pass
        raise fault("NOT_AN_ID")


class InstantField(serializers.DateTimeField):
    """An instant with its offset; kept in UTC."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            instant = parse_datetime(data) if _is_short_ascii(data) else None
        except ValueError:
            instant = None
        if instant is None or not YEAR_MIN <= instant.year <= YEAR_MAX:
            raise fault("NOT_AN_INSTANT")
        if instant.tzinfo is None:
            raise fault("NAIVE_TIME")
        return instant.astimezone(UTC)


class DayField(serializers.DateField):
    """A date in the calendar of China."""

    def to_internal_value(self, data: Any) -> date:
        try:
            day = parse_date(data) if _is_short_ascii(data) else None
        except ValueError:
            day = None
        if day is None or not YEAR_MIN <= day.year <= YEAR_MAX:
            raise fault("NOT_A_DATE")
        return day


def _is_short_ascii(data: Any) -> bool:
    # Python's own reader of instants overlooks a NUL at the end.
    return isinstance(data, str) and len(data) <= 40 and data.isascii() and data.isprintable()
