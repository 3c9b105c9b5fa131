"""Who is asking, for counting and for remembering answers."""

from rest_framework.request import Request


def caller_of(request: Request) -> str:
    """Name who is asking: the person, or where nobody signed in the network address."""
    user = getattr(request, "user", None)
    if user is not None and user.pk is not None:
        return f"user:{user.pk}"
    return f"address:{request.META.get('REMOTE_ADDR', '')}"
