"""Who is calling: `Authorization: Bearer <access>`."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.accounts.models import User
from core.accounts.selectors import sessions
from core.accounts.selectors.sessions import SignedIn

TOKEN_LENGTH_MAX = 200


class BearerAuthentication(BaseAuthentication):
    """Find the signed-in user by an access token, in exactly one statement."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, SignedIn] | None:
        """Return the user and what the token stands for, or None where no token was sent.

        Raises:
            AuthenticationFailed: the token is unknown, has run out or was revoked.
        """
        kind, _, access = get_authorization_header(request).decode("latin-1").partition(" ")
        if kind.lower() != self.keyword.lower():
            return None
        found = None
        if 0 < len(access.strip()) <= TOKEN_LENGTH_MAX:
            found = sessions.signed_in_with(access.strip(), timezone.now())
        if found is None:
            raise AuthenticationFailed
        return found.user, found

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Return what a 401 tells the client to send."""
        return f'{self.keyword} realm="market"'
