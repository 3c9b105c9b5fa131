"""Who is asking, for counting and for remembering answers."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request


def caller_of(request: Request) -> str:
    """Name who is asking: the person, or where nobody signed in the network address."""
    user = getattr(request, "user", None)
    if user is not None and user.pk is not None:
        return f"user:{user.pk}"
    return f"address:{address_of(request)}"


def address_of(request: Request | HttpRequest) -> str:
    """Return the network address a request comes from.

    Behind our own TLS proxy that is the last address of `X-Forwarded-For`, the one the proxy saw
    itself; what stands before it anybody can write. Without a proxy the header means nothing.
    """
    if settings.BEHIND_TLS:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
