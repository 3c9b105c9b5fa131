"""The first page that somebody sees who has just started the market."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

# The people of the demonstration market; they can sign in only with the sandbox SMS provider.
DEMO_PEOPLE = (
    ("+8613900000001", "审核与活动管理", "Reviewer and campaign manager"),
    ("+8613900000002", "已开店的农户", "A farmer with an open shop"),
    ("+8613900000003", "买家", "A buyer"),
)


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """Say what this is and what to click first."""
    return render(
        request,
        "config/front.html",
        {
            "is_english": not (translation.get_language() or "zh").startswith("zh"),
            "is_sandbox": settings.MARKETPLACE_SANDBOX,
            "people": DEMO_PEOPLE if settings.MARKETPLACE_SANDBOX else (),
        },
    )
