"""Acting for somebody else: `Acting-For: <user id>`, only where a call declares it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from core.accounts.domain.roles import Scope
from core.accounts.models import User
from core.accounts.selectors import mandates
from core.audit.actors import Actor
from core.errors import DomainError
from core.http.problems import is_api, problem_response
from core.http.refusals import NotSignedIn
from core.http.schema import declared_of

HEADER = "Acting-For"


class ScopeForbidden(DomainError):
    """You may not do this for that person."""

    code = "SCOPE_FORBIDDEN"
    zh = "您没有代此人办理该事项的授权。"
    status = 403


def signed_in(request: Request) -> User:
    """Return who is calling; a view that asks must let in only people who signed in."""
    if not isinstance(request.user, User):
        raise NotSignedIn
    return request.user


class RefuseUndeclared:
    """Refuse the header wherever a call does not declare `acting_for`, so that none ignores it."""

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.following(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Any,
        args: Any,  # noqa: ARG002
        kwargs: Any,  # noqa: ARG002
    ) -> HttpResponse | None:
        """Judge a call before anything else looks at it."""
        if HEADER not in request.headers or not is_api(request):
            return None
        declared = declared_of(getattr(view, "view_class", None), request.method)
        if declared is None or declared.acting_for:
            return None
        return problem_response(ScopeForbidden(scope=None))


def actor_of(request: Request, *scopes: Scope) -> Actor:
    """Return who acts and for whom; mandates must allow the scope that the call declares.

    A call that declares several says which of them it needs this time; each must be allowed.

    Raises:
        ScopeForbidden: the header names somebody without an active mandate for this.
    """
    wanted = request.headers.get(HEADER)
    if wanted is None:
        return Actor(user_id=signed_in(request).pk)
    agent_id, principal_id = signed_in(request).pk, None
    for scope in scopes or _declared_scopes(request):
        principal_id = mandates.principal_of(agent_id, _reference(wanted), scope, timezone.now())
        if principal_id is None:
            raise ScopeForbidden(scope=scope.value)
    if principal_id is None:
        raise ScopeForbidden(scope=None)
    return Actor(user_id=agent_id, on_behalf_of_id=principal_id)


def seller_of(actor: Actor) -> int:
    """Return whose shops and goods a call is about: the principal's, else the caller's own."""
    return actor.on_behalf_of_id or actor.user_id or 0


def _reference(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise ScopeForbidden from None


def _declared_scopes(request: Request) -> list[Scope]:
    declared = declared_of(request.parser_context["view"], request.method)
    return [Scope(name) for name in declared.acting_for] if declared else []
