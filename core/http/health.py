"""For whoever keeps the market running."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.http import metrics, readiness
from core.http.problems import problem_response
from core.http.refusals import NotReady


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say that this process is alive, without asking anybody else."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say whether this process can serve, and otherwise what it waits for."""
    absent = readiness.missing()
    if absent:
        return problem_response(NotReady(missing=absent))
    return JsonResponse({"status": "ready"})


@require_safe
def measures(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Give the figures of the market to Prometheus."""
    return HttpResponse(metrics.exposition(timezone.now()), content_type=metrics.MEDIA_TYPE)


WATCHED = {"/healthz": healthz, "/readyz": readyz, "/metrics": measures}


class Watch:
    """Answer whoever watches this process before anything else is asked.

    A probe calls by the address of the machine and without TLS: neither the allowed hosts nor the
    redirect to HTTPS are meant for it.
    """

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return WATCHED.get(request.path_info, self.following)(request)
