"""Being signed in: opening, refreshing and ending a session."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from core.accounts.models import Ending, Session, Token, TokenKind, User
from core.accounts.selectors.sessions import digest_of
from core.errors import DomainError
from core.transactions import entry, needs_transaction

TOKEN_BYTES = 32


class RefreshRefused(DomainError):
    """This sign-in has ended; please sign in again."""

    code = "REFRESH_REFUSED"
    zh = "登录已失效，请重新登录。"
    status = 401


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client keeps after signing in."""

    access: str
    refresh: str
    access_expires_at: datetime
    user: User


@needs_transaction
def open_for(user: User, *, now: datetime) -> Tokens:
    """Start a session and hand out its first tokens."""
    session = Session.objects.create(
        user=user, opened_at=now, expires_at=now + settings.MARKETPLACE_REFRESH_TTL
    )
    return _hand_out(session, now)


def refresh(written: str, *, now: datetime) -> Tokens:
    """Give new tokens for a refresh token, which is used up by it.

    A token that was used before ends its whole session: one of its two holders is a thief.

    Raises:
        RefreshRefused: it is unknown, has run out, was used before, or its session has ended.
    """
    tokens = _rotate(digest_of(written), now)
    if tokens is None:
        # Outside the refused transaction, or the revocation would be rolled back with it.
        _end_reused(digest_of(written), now)
        raise RefreshRefused
    return tokens


@entry
def _rotate(digest: str, now: datetime) -> Tokens | None:
    usable = Token.objects.filter(digest=digest, kind=TokenKind.REFRESH, expires_at__gt=now)
    if not _use_up(usable, now):
        return None
    # The lock makes a revocation at the same instant come before or after, never between.
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("user")
        .get(tokens__digest=digest)
    )
    if session.revoked_at is not None or not session.user.is_active:
        return None
    expires_at = now + settings.MARKETPLACE_REFRESH_TTL
    Session.objects.filter(pk=session.pk).update(expires_at=expires_at)
    return _hand_out(session, now)


def _use_up(usable: QuerySet[Token], now: datetime) -> bool:
    return usable.filter(used_at__isnull=True).update(used_at=now) == 1


@entry
def _end_reused(digest: str, now: datetime) -> None:
    used = Token.objects.filter(digest=digest, kind=TokenKind.REFRESH, used_at__isnull=False)
    _end(Session.objects.filter(tokens__in=used), Ending.REUSED, now)


@needs_transaction
def end(session_id: int, *, now: datetime) -> bool:
    """Sign out of one session; return whether it was still open."""
    return _end(Session.objects.filter(pk=session_id), Ending.SIGNED_OUT, now) == 1


@needs_transaction
def end_all(user_id: int, *, now: datetime) -> int:
    """Sign somebody out everywhere; return how many sessions that ended."""
    return _end(Session.objects.filter(user_id=user_id), Ending.WITHDRAWN, now)


def _end(chosen: QuerySet[Session], ending: Ending, now: datetime) -> int:
    return chosen.filter(revoked_at__isnull=True).update(revoked_at=now, ending=ending)


def _hand_out(session: Session, now: datetime) -> Tokens:
    access, refresh_token = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(2))
    lives: tuple[tuple[str, TokenKind, timedelta], ...] = (
        (access, TokenKind.ACCESS, settings.MARKETPLACE_ACCESS_TTL),
        (refresh_token, TokenKind.REFRESH, settings.MARKETPLACE_REFRESH_TTL),
    )
    Token.objects.bulk_create(
        Token(session=session, kind=kind, digest=digest_of(token), expires_at=now + life)
        for token, kind, life in lives
    )
    return Tokens(
        access=access,
        refresh=refresh_token,
        access_expires_at=now + settings.MARKETPLACE_ACCESS_TTL,
        user=session.user,
    )
