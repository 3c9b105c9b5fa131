"""The first page that somebody sees who has just started the market."""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from marketplace.sections.models import Section
from marketplace.sections.selectors import halls

# The people of the demonstration market; they can sign in only with the sandbox SMS provider.
DEMO_PEOPLE = (
    ("+8613900000001", "审核与活动管理", "Reviewer and campaign manager"),
    ("+8613900000002", "已开店的农户", "A farmer with an open shop"),
    ("+8613900000003", "买家", "A buyer"),
)
SECTIONS_MAX = 6


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """Say what this is and what to click first."""
    language = request.GET.get("language") or translation.get_language() or "zh-hans"
    return render(
        request,
        "config/front.html",
        {
            "is_english": language.startswith("en"),
            "sections": _sections(),
            "people": DEMO_PEOPLE if settings.MARKETPLACE_SANDBOX else (),
        },
    )


def _sections() -> list[Section]:
    # The page says where to look even when the database does not answer.
    try:
        return list(halls.open_sections(timezone.now()).order_by("position", "id")[:SECTIONS_MAX])
    except DatabaseError:
        return []
