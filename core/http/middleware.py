"""What happens to every request before it is routed, and to every answer before it leaves."""

import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from core.errors import DomainError
from core.http.problems import is_api, problem_response
from core.http.refusals import LengthRequired, MalformedRequest

Next = Callable[[HttpRequest], HttpResponse]

EXPOSED = "ETag, Retry-After, RateLimit, Idempotent-Replayed, X-Request-Id"
ALLOWED = (
    "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match,"
    " Acting-For, Device-Id, X-HTTP-Method-Override, X-Request-Id"
)
OVERRIDES = frozenset({"PATCH", "PUT", "DELETE"})

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)

log = structlog.get_logger("market.requests")


class RequestIdentity:
    """Give every request an id that travels through logs and tasks, and write its log line."""

    def __init__(self, following: Next) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        asked = request.headers.get("X-Request-Id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        refusal = _refusal_of(request)
        answer = _refused(request, refusal) if refusal else self.following(request)
        answer["X-Request-Id"] = request_id
        log.info(
            "request",
            method=request.method,
            route=getattr(request.resolver_match, "route", ""),
            status=answer.status_code,
            ms=round((time.perf_counter() - started) * 1_000, 1),
        )
        structlog.contextvars.clear_contextvars()
        return answer


class AnswerHeaders:
    """Write what every answer says about limits, caches and other origins."""

    def __init__(self, following: Next) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = request.headers.get("Origin", "")
        is_known = origin in settings.MARKETPLACE_CORS_ORIGINS
        is_preflight = (
            request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        )
        answer = HttpResponse(status=204) if is_known and is_preflight else self.following(request)
        standing = getattr(request, "standing", None)
        if standing is not None:
            for name, value in standing.headers().items():
                answer[name] = value
        if is_api(request) and _is_personal(request, answer):
            answer.headers.setdefault("Cache-Control", "no-store")
        if is_known:
            _open_to(origin, answer, is_preflight=is_preflight)
        if settings.MARKETPLACE_CORS_ORIGINS:
            patch_vary_headers(answer, ["Origin"])
        return answer


class MethodOverride:
    """Let clients that can only POST say which method they mean."""

    def __init__(self, following: Next) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meant = request.headers.get("X-HTTP-Method-Override", "").upper()
        if meant and request.method == "POST" and is_api(request):
            if meant not in OVERRIDES:
                return _refused(request, MalformedRequest(reason="method_override"))
            request.method = meant
        return self.following(request)


def _refusal_of(request: HttpRequest) -> DomainError | None:
    if not _is_readable(request):
        return MalformedRequest(reason="address")
    # Without a length Django sees no body at all: a change would silently change nothing.
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        return LengthRequired()
    return None


def _is_readable(request: HttpRequest) -> bool:
    """Tell whether an address is text: UTF-8 without NUL, which the database cannot hold."""
    # Django writes bytes of a path that are not UTF-8 as %FF again; no path of ours has a percent.
    if "\x00" in request.path_info or (is_api(request) and "%" in request.path_info):
        return False
    try:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x00" not in query


def _refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    # The language is found out further inside, where this request does not arrive.
    with translation.override(translation.get_language_from_request(request)):
        return problem_response(refusal)


def _is_personal(request: HttpRequest, answer: HttpResponse) -> bool:
    return (
        "Authorization" in request.headers
        or request.method not in {"GET", "HEAD"}
        or answer.status_code >= HTTPStatus.BAD_REQUEST
    )


def _open_to(origin: str, answer: HttpResponse, *, is_preflight: bool) -> None:
    answer["Access-Control-Allow-Origin"] = origin
    answer["Access-Control-Expose-Headers"] = EXPOSED
    if is_preflight:
        answer["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        answer["Access-Control-Allow-Headers"] = ALLOWED
        answer["Access-Control-Max-Age"] = "600"
