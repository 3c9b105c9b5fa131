"""JSON in and out: strict about what comes in, fast about what goes out."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import orjson
from django.utils.functional import Promise
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from core.http.refusals import BodyTooLarge, MalformedRequest

BODY_BYTES_MAX = 1_000_000
DEPTH_MAX = 32


def dumps(payload: Any) -> bytes:
    """Write a payload as JSON bytes; UUIDs, instants and lazy sentences become strings."""
    return orjson.dumps(payload, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def loads(body: bytes) -> Any:
    """Read JSON more strictly than most.

    Raises:
        MalformedRequest: not JSON, not UTF-8, NaN, a lone surrogate, a repeated name, or too deep.
    """
    try:
        # The first reading refuses lone surrogates, NaN and bad UTF-8; the second one keeps
        # integers of any length exact and sees names that are written twice.
        orjson.loads(body)
        value = json.loads(body, object_pairs_hook=_each_name_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as wrong:
        raise MalformedRequest(reason="not_json") from wrong
    _refuse_depth(value)
    return value


class JsonRenderer(BaseRenderer):
    """Write every answer with orjson."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        return b"" if data is None else dumps(data)


class JsonParser(BaseParser):
    """Read every body strictly."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        body = stream.read(BODY_BYTES_MAX + 1)
        if len(body) > BODY_BYTES_MAX:
            raise BodyTooLarge(bytes_max=BODY_BYTES_MAX)
        return loads(body) if body.strip() else {}


class WrittenAnswer(Response):
    """An answer whose bytes are settled already."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        super().__init__(status=status)
        self.body = body

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]
        self["Content-Type"] = JsonRenderer.media_type
        return self.body


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is written twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH_MAX):
        inner: list[Any] = []
        for thing in level:
            if isinstance(thing, dict):
                inner.extend(thing.values())
            elif isinstance(thing, list):
                inner.extend(thing)
        if not inner:
            return
        level = inner
    raise MalformedRequest(reason="too_deep", depth_max=DEPTH_MAX)
