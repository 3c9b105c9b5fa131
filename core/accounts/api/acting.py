"""Acting for somebody else: `Acting-For: <user id>`."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request

from core.accounts.domain.roles import Scope
from core.accounts.models import User
from core.accounts.selectors import mandates
from core.audit.actors import Actor
from core.errors import DomainError
from core.http.refusals import NotSignedIn


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


def actor_of(request: Request, scope: Scope | None = None) -> Actor:
    """Return who acts and for whom; `scope` is what a mandate must allow for this call.

    Without a scope the call never accepts `Acting-For`.

    Raises:
        ScopeForbidden: the header names somebody without an active mandate for this.
    """
    wanted = request.headers.get("Acting-For")
    if wanted is None:
        return Actor(user_id=signed_in(request).pk)
    agent_id = signed_in(request).pk
    principal_id = None
    if scope is not None:
        principal_id = mandates.principal_of(agent_id, _reference(wanted), scope, timezone.now())
    if principal_id is None:
        raise ScopeForbidden(scope=scope.value if scope else None)
    return Actor(user_id=agent_id, on_behalf_of_id=principal_id)


def seller_of(actor: Actor) -> int:
    """Return whose shops and goods a call is about: the principal's, else the caller's own."""
    return actor.on_behalf_of_id or actor.user_id or 0


def _reference(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise ScopeForbidden from None
