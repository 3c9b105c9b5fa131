"""Every route of the API, walked from the addresses that are served."""

from collections.abc import Iterator

from django.urls import get_resolver
from rest_framework.views import APIView

METHODS = ("get", "post", "put", "patch", "delete")


def routes(resolver=None, prefix: str = "") -> Iterator[tuple[str, str, type[APIView]]]:
    """Yield each method and pattern below /api/v1 with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from routes(entry, pattern)
            continue
        view = getattr(entry.callback, "view_class", None)
        if view is not None and issubclass(view, APIView) and pattern.startswith("api/v1/"):
            for method in METHODS:
                if hasattr(view, method):
                    yield method.upper(), pattern.removeprefix("api/v1/"), view


def every_route() -> dict[tuple[str, str], type[APIView]]:
    """Return the view of each method and pattern."""
    return {(method, pattern): view for method, pattern, view in routes()}
