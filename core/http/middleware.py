"""What happens to every request before it is routed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Next = Callable[[HttpRequest], HttpResponse]


class RequestIdentity:
    """Give every request an id that travels through logs and tasks."""

    def __init__(self, following: Next) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.following(request)


class MethodOverride(RequestIdentity):
    """Let clients that can only POST say which method they mean."""
