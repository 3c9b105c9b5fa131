"""Every refusal becomes problem+json (RFC 9457) here, in the caller's language."""

import inspect
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError, Fault, Forbidden, InvalidInput, NotFound
from core.http import refusals, rendering
from core.transactions import is_connection_lost

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
DETAIL_CHARACTERS_MAX = 300
# Whoever sends forty thousand unknown names hears of the first of them only.
FAULTS_MAX = 100

# From the more particular to the more general: the first that fits is taken.
_TRANSLATIONS: tuple[tuple[type[Exception], type[DomainError]], ...] = (
    (exceptions.NotFound, NotFound),
    (Http404, NotFound),
    (exceptions.NotAuthenticated, refusals.NotSignedIn),
    (exceptions.AuthenticationFailed, refusals.NotSignedIn),
    (exceptions.PermissionDenied, Forbidden),
    (PermissionDenied, Forbidden),
    (exceptions.MethodNotAllowed, refusals.MethodNotAllowed),
    (exceptions.NotAcceptable, refusals.NotAcceptable),
    (exceptions.UnsupportedMediaType, refusals.UnsupportedMediaType),
    (exceptions.ParseError, refusals.MalformedRequest),
    (RequestDataTooBig, refusals.BodyTooLarge),
    (TooManyFieldsSent, refusals.BodyTooLarge),
    (TooManyFilesSent, refusals.BodyTooLarge),
    (SuspiciousOperation, refusals.MalformedRequest),
    (BadRequest, refusals.MalformedRequest),
    (UnreadablePostError, refusals.MalformedRequest),
)


def as_problem(exc: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001
    """Render every refusal; let real bugs go on to become a 500."""
    refusal = refusal_of(exc)
    if refusal is None:
        return None
    return Response(
        body_of(refusal),
        status=refusal.status,
        headers=headers_of(refusal),
        content_type=MEDIA_TYPE,
    )


def refusal_of(exc: Exception) -> DomainError | None:
    """Return the refusal that an exception of Django, the framework or the database stands for."""
    if isinstance(exc, DomainError):
        return exc
    if isinstance(exc, exceptions.ValidationError):
        return InvalidInput(tuple(islice(faults_of(exc.detail), FAULTS_MAX)))
    if isinstance(exc, exceptions.Throttled):
        return refusals.TooMany(int(getattr(exc, "wait", None) or 1))
    for kind, refusal in _TRANSLATIONS:
        if isinstance(exc, kind):
            return refusal()
    if is_connection_lost(exc):
        log.warning("database_away", failure=str(exc)[:DETAIL_CHARACTERS_MAX])
        return refusals.Unavailable()
    return None


def sentence_of(refusal: DomainError | type[DomainError]) -> str:
    """Say a refusal in the language that is active."""
    kind = refusal if isinstance(refusal, type) else type(refusal)
    if (translation.get_language() or "").startswith("zh"):
        return kind.zh
    return (inspect.getdoc(kind) or kind.code).split("\n\n")[0].replace("\n", " ")


def body_of(refusal: DomainError) -> dict[str, Any]:
    """Return the members of the problem document; facts travel beside the standard ones."""
    title = sentence_of(refusal)
    standard = {
        "type": f"{settings.MARKETPLACE_PUBLIC_URL.rstrip('/')}/problems/{refusal.slug()}",
        "title": title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail or title,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
    if isinstance(refusal, InvalidInput):
        standard["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
            for fault in refusal.faults
        ]
        if refusal.faults and not refusal.detail:
            standard["detail"] = refusal.faults[0].detail
    return refusal.facts | standard


def headers_of(refusal: DomainError) -> dict[str, str]:
    """Return the headers that a refusal needs to be acted on."""
    headers = {}
    wait_s = refusal.facts.get("retry_after_s", refusal.retry_after_s)
    if wait_s is not None:
        headers["Retry-After"] = str(wait_s)
    if refusal.status == refusals.NotSignedIn.status:
        headers["WWW-Authenticate"] = 'Bearer realm="market"'
    return headers


def faults_of(detail: Any, pointer: str = "") -> Iterator[Fault]:
    """Walk the framework's nested errors; each place becomes a JSON pointer."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from faults_of(inner, _below(pointer, name))
    elif isinstance(detail, (list, tuple)):
        # A list holds either the errors of one place or one entry for each element.
        of_elements = any(isinstance(inner, (dict, list)) for inner in detail)
        for place, inner in enumerate(detail):
            yield from faults_of(inner, f"{pointer}/{place}" if of_elements else pointer)
    else:
        code = str(getattr(detail, "code", "invalid")).upper()
        yield Fault(pointer, code, str(detail)[:DETAIL_CHARACTERS_MAX])


def _below(pointer: str, name: object) -> str:
    if name == "non_field_errors":
        return pointer
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def problem_response(refusal: DomainError) -> HttpResponse:
    """Return a refusal where no view of the framework is at work."""
    return HttpResponse(
        rendering.dumps(body_of(refusal)),
        status=refusal.status,
        headers=headers_of(refusal),
        content_type=MEDIA_TYPE,
    )


def is_api(request: HttpRequest) -> bool:
    """Tell whether programs are spoken to at this address."""
    return request.path_info.startswith("/api/")


def unknown_address(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer for API addresses that do not exist."""
    return problem_response(NotFound())


def on_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django could not read."""
    if is_api(request):
        return problem_response(refusal_of(exception) or refusals.MalformedRequest())
    return defaults.bad_request(request, exception)


def on_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django did not permit."""
    return (
        problem_response(Forbidden())
        if is_api(request)
        else defaults.permission_denied(request, exception)
    )


def on_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for an address that nobody serves."""
    if is_api(request):
        return problem_response(NotFound())
    return defaults.page_not_found(request, exception)


def on_server_fault(request: HttpRequest) -> HttpResponse:
    """Answer after a bug, without telling what it was."""
    if is_api(request):
        failure = sys.exc_info()[1]
        is_away = failure is not None and is_connection_lost(failure)
        return problem_response(refusals.Unavailable() if is_away else refusals.ServerFault())
    return defaults.server_error(request)


def on_csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was not sent from our own pages."""
    return on_forbidden(request, PermissionDenied(reason))
