"""For whoever keeps the market running."""

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
