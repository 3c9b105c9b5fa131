"""Who is signed in with which token."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from core.accounts.models import User

# What every request asks: written out, because making the statement costs more than executing it.
_SIGNED_IN = """
    SELECT token.session_id, person.id, person.is_superuser, person.reference, person.name,
           person.is_staff, person.is_active
    FROM accounts_token AS token
    JOIN accounts_session AS session
        ON session.id = token.session_id AND session.revoked_at IS NULL
    JOIN accounts_user AS person ON person.id = session.user_id AND person.is_active
    WHERE token.digest = %s AND token.kind = 'ACCESS' AND token.expires_at > %s
"""
# In the order of the columns, as `from_db` wants them.
_KNOWN = ("id", "is_superuser", "reference", "name", "is_staff", "is_active")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who showed a living token, and the session it belongs to."""

    user: User
    session_id: int


def digest_of(token: str) -> str:
    """Return what we keep of a token; it is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def signed_in_with(access: str, now: datetime) -> SignedIn | None:
    """Return who holds a living access token, in one statement.

    Of the person only what no seal covers is read; the rest is read by whoever asks for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SIGNED_IN, (digest_of(access), now))
        row = cursor.fetchone()
    if row is None:
        return None
    session_id, *person = row
    return SignedIn(User.from_db("default", _KNOWN, person), session_id)
