"""Who is signed in with which token."""

import hashlib
from datetime import datetime

from core.accounts.models import Token, TokenKind


def digest_of(token: str) -> str:
    """Return what we keep of a token; it is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def signed_in_with(access: str, now: datetime) -> Token | None:
    """Return a living access token with its session and user, in one statement."""
    living = Token.objects.filter(
        digest=digest_of(access),
        kind=TokenKind.ACCESS,
        expires_at__gt=now,
        session__revoked_at__isnull=True,
        session__user__is_active=True,
    )
    try:
        return living.select_related("session__user").get()
    except Token.DoesNotExist:
        return None
