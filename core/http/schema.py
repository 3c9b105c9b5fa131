"""The OpenAPI document, made from what each view declares with `operation`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from core.errors import DomainError, Forbidden, InvalidInput, NotFound
from core.http import idempotency
from core.http.etags import PreconditionFailed
from core.http.examples import EXAMPLES
from core.http.forms import Form
from core.http.paging import InvalidCursor
from core.http.problems import MEDIA_TYPE
from core.http.refusals import MalformedRequest, NotSignedIn, TooMany

Method = TypeVar("Method", bound=Callable[..., Any])
Answer = type[serializers.BaseSerializer] | serializers.BaseSerializer | OpenApiTypes | None


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client may expect of one method of one address."""

    summary: str
    request: type[Form] | serializers.BaseSerializer | None = None
    query: type[Form] | None = None
    response: Answer = None
    status: int = 200
    refusals: tuple[type[DomainError], ...] = ()
    idempotency: Literal["required", "optional"] | None = None
    paged: bool = False
    etag: bool = False
    if_match: bool = False
    media_type: str | None = None
    request_media_type: str | None = None
    acting_for: tuple[str, ...] = ()
    example: Mapping[str, Any] | None = None


def operation(
    *,
    summary: str,
    request: type[Form] | serializers.BaseSerializer | None = None,
    query: type[Form] | None = None,
    response: Answer = None,
    status: int = 200,
    refusals: Sequence[type[DomainError]] = (),
    idempotency: Literal["required", "optional"] | None = None,
    paged: bool = False,
    etag: bool = False,
    if_match: bool = False,
    media_type: str | None = None,
    request_media_type: str | None = None,
    acting_for: Sequence[str] = (),
    example: Mapping[str, Any] | None = None,
) -> Callable[[Method], Method]:
    """Declare what a view's method takes and answers; the document is made of nothing else.

    `response=None` with status 204, 202 or 304 is an answer without a body. The refusals of the
    interface itself (bad input, not signed in, too many, idempotency) are added by themselves.
    `acting_for` names the scopes of a mandate under which the call may be made for somebody else;
    without one it refuses `Acting-For`. `example` is a whole body that works when it is pasted into
    a request to the demonstration market.
    """
    declared = Operation(
        summary, request, query, response, status, tuple(refusals), idempotency, paged, etag,
        if_match, media_type, request_media_type, tuple(acting_for), example,
    )  # fmt: skip

    def declare(method: Method) -> Method:
        method.operation = declared  # type: ignore[attr-defined]
        return method

    return declare


def declared_of(view: object, method: str | None) -> Operation | None:
    """Return what a view, or its class, declares for a method; None where it has no such method."""
    handler = getattr(view, {"HEAD": "get"}.get(method or "", (method or "").lower()), None)
    found = getattr(handler, "operation", None)
    return found if isinstance(found, Operation) else None


class FaultOutput(serializers.Serializer):
    """One thing that is wrong with what was sent."""

    pointer = serializers.CharField(help_text="JSON pointer into the body, or /name of the query.")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """A refusal (RFC 9457); the facts of each code travel as further members."""

    type = serializers.URLField(help_text="A page that explains the refusal.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; decide by this.")
    detail = serializers.CharField()
    request_id = serializers.CharField()
    errors = FaultOutput(many=True, required=False)  # type: ignore[assignment]


_LANGUAGE = OpenApiParameter(
    "Accept-Language",
    str,
    OpenApiParameter.HEADER,
    enum=["zh-Hans", "en"],
    description="The language of sentences; zh-Hans where it is not sent.",
)
_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of what was read before."
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of what is known already."
)
_PAGE = (
    OpenApiParameter("cursor", str, description="Taken from `next` or `previous`."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
)
_HUMPS = re.compile(r"[{}]|-")


class MarketSchema(AutoSchema):
    """Read each view's `operation`, so that the document says what the view does."""

    @property
    def declared(self) -> Operation:
        """Return what the method declares; a method that declares nothing is a mistake."""
        found = declared_of(self.view, self.method)
        if found is None:
            raise TypeError(f"{type(self.view).__qualname__}.{self.method.lower()}: @operation?")
        return found

    def get_operation_id(self) -> str:
        """Name an operation by its method and address, which cannot collide."""
        words = _HUMPS.sub("_", self.path.removeprefix("/api/v1")).split("/")
        return "_".join([self.method.lower(), *(word.strip("_") for word in words if word)])

    def get_summary(self) -> str:
        return self.declared.summary

    def get_description(self) -> str:  # type: ignore[override]
        return ""

    def get_tags(self) -> list[str]:
        return [_room(type(self.view))]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [] if self._is_public() else [{"bearer": []}]

    def _map_serializer_field(
        self,
        field: Any,
        direction: Any,
        bypass_extensions: Any = False,  # noqa: FBT002
    ) -> Any:
        if direction == "request" and isinstance(field, serializers.FileField):
            return {"type": "string", "format": "binary"}
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        example = EXAMPLES.get(field.field_name)
        if direction == "request" and example is not None and "$ref" not in schema:
            return {**schema, "examples": [example]}
        return schema

    def get_request_serializer(self) -> Any:
        return self.declared.request

    def get_examples(self) -> list[OpenApiExample]:
        """Show a whole body that can be pasted."""
        example = self.declared.example
        if example is None:
            return []
        return [OpenApiExample("Demonstration market", value=example, request_only=True)]

    def map_parsers(self) -> list[str]:
        declared = self.declared.request_media_type
        return [declared] if declared else super().map_parsers()

    def get_override_parameters(self) -> list[Any]:
        declared = self.declared
        parameters: list[Any] = [_LANGUAGE]
        if declared.query is not None:
            parameters.append(declared.query)
        if declared.paged:
            parameters += _PAGE
        if declared.idempotency is not None:
            parameters.append(_key(is_required=declared.idempotency == "required"))
        if declared.if_match:
            parameters.append(_IF_MATCH)
        if declared.etag:
            parameters.append(_IF_NONE_MATCH)
        if declared.acting_for:
            parameters.append(_acting_for(declared.acting_for))
        return parameters

    def get_response_serializers(self) -> dict[Any, Any]:  # type: ignore[override]
        declared = self.declared
        status: Any = declared.status
        if declared.media_type is not None:
            status = (declared.status, declared.media_type)
        responses: dict[Any, Any] = {status: self._success()}
        if declared.etag:
            responses[304] = OpenApiResponse(description="You have it already.")
        by_status: dict[int, list[type[DomainError]]] = {}
        for refusal in self._refusals():
            by_status.setdefault(refusal.status, []).append(refusal)
        for code, kinds in sorted(by_status.items()):
            described = "\n".join(f"- `{kind.code}`: {_english(kind)}" for kind in kinds)
            responses[code, MEDIA_TYPE] = OpenApiResponse(Problem, description=described)
        responses["default", MEDIA_TYPE] = OpenApiResponse(
            Problem, description="Any other refusal of the interface (405, 406, 413, 415, 5xx)."
        )
        return responses

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name}Page"

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Name a component after its room too: many rooms have lines of their own."""
        name = str(super().get_serializer_name(serializer, direction))
        place = _room(serializer if isinstance(serializer, type) else type(serializer))
        return name if place == "http" else f"{place.title()}{name}"

    def _success(self) -> Any:
        response = self.declared.response
        if response is None:
            return OpenApiResponse(description="Done; there is nothing more to say.")
        if not self.declared.paged:
            return response
        kind: Any = response if isinstance(response, type) else type(response)
        return _page_of(kind)

    def _refusals(self) -> list[type[DomainError]]:
        declared = self.declared
        found: list[type[DomainError]] = [TooMany, *declared.refusals]
        if declared.request is not None:
            found += [InvalidInput, MalformedRequest]
        if declared.query is not None:
            found.append(InvalidInput)
        if declared.paged:
            found += [InvalidCursor, InvalidInput]
        if not self._is_public():
            found += [NotSignedIn, Forbidden]
        if "{" in self.path:
            # An address may hold what nobody can read, as a body may.
            found += [NotFound, MalformedRequest]
        if declared.idempotency is not None:
            found += [idempotency.IdempotencyMismatch, idempotency.RequestInFlight]
            found.append(idempotency.IdempotencyKeyRequired)
        if declared.if_match:
            found.append(PreconditionFailed)
        return list(dict.fromkeys(found))

    def _is_public(self) -> bool:
        return all(isinstance(need, AllowAny) for need in self.view.get_permissions())


@cache
def _page_of(kind: type) -> Any:
    # One class for each kind of row: two lists of the same rows are pages of the same component.
    return type(
        f"{kind.__name__}Page",
        (serializers.Serializer,),
        {
            "results": kind(many=True),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "__module__": kind.__module__,
        },
    )


def _key(*, is_required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": 255},
        OpenApiParameter.HEADER,
        required=is_required,
        description="Sent again with the same body it hears the same answer and works only once.",
    )


def _acting_for(scopes: Sequence[str]) -> OpenApiParameter:
    return OpenApiParameter(
        "Acting-For",
        {"type": "string", "format": "uuid"},
        OpenApiParameter.HEADER,
        description=f"Whom you act for, under a mandate with scope {' or '.join(scopes)}.",
    )


def _english(kind: type[DomainError]) -> str:
    return (kind.__doc__ or "").split("\n\n")[0].strip()


def _room(kind: type) -> str:
    parts = kind.__module__.split(".")
    return parts[1] if len(parts) > 1 else parts[0]
