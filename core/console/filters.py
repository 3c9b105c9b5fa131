"""Filters of the console's lists, labelled in the language of the page."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest
from django.utils import timezone

from core.console import figures
from core.console.words import chosen
from core.periods import SHANGHAI, local_day

EVERYTHING = "ALL"


def by_code(
    field: str,
    choices: type[TextChoices],
    heading: Any,
    *,
    unasked: tuple[Any, list[Any]] | None = None,
) -> type[admin.SimpleListFilter]:
    """Return the filter for a column of codes.

    With `unasked`, a title and some codes, only those are listed until something else is asked.
    """

    class ByCode(admin.SimpleListFilter):
        title = heading
        parameter_name = field

        def lookups(
            self,
            request: HttpRequest,  # noqa: ARG002
            model_admin: Any,  # noqa: ARG002
        ) -> list[tuple[str, str]]:
            known = [(code, figures.label(choices, code)) for code in choices.values if code]
            return [*known, (EVERYTHING, chosen("All", "全部"))] if unasked else known

        def choices(self, changelist: Any) -> Iterator[Any]:
            for place, choice in enumerate(super().choices(changelist)):
                is_first = place == 0 and unasked is not None
                yield {**choice, "display": unasked[0]} if is_first and unasked else choice

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
            wanted = self.value()
            if wanted is None and unasked is not None:
                return queryset.filter(**{f"{field}__in": unasked[1]})
            return queryset.filter(**{field: wanted}) if wanted in choices.values else queryset

    return ByCode


def by_days(field: str, heading: Any) -> type[admin.SimpleListFilter]:
    """Return the filter for how long ago something happened, in days as China dates them."""

    class ByDays(admin.SimpleListFilter):
        title = heading
        parameter_name = "days"

        def lookups(
            self,
            request: HttpRequest,  # noqa: ARG002
            model_admin: Any,  # noqa: ARG002
        ) -> list[tuple[str, str]]:
            return [
                ("1", chosen("Today", "今天")),
                ("7", chosen("Last 7 days", "最近 7 天")),
                ("30", chosen("Last 30 days", "最近 30 天")),
            ]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
            wanted = self.value() or ""
            if not (wanted.isascii() and wanted.isdigit() and 0 < int(wanted) <= 3_650):
                return queryset
            return queryset.filter(**{f"{field}__gte": first_instant(int(wanted), timezone.now())})

    return ByDays


def by_question(
    name: str, heading: Any, answer: str, condition: Callable[[], Any]
) -> type[admin.SimpleListFilter]:
    """Return the filter that keeps what one condition holds for."""

    class ByQuestion(admin.SimpleListFilter):
        title = heading
        parameter_name = name

        def lookups(
            self,
            request: HttpRequest,  # noqa: ARG002
            model_admin: Any,  # noqa: ARG002
        ) -> list[tuple[str, str]]:
            return [("yes", str(answer))]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
            return queryset.filter(condition()) if self.value() == "yes" else queryset

    return ByQuestion


def first_instant(days: int, now: datetime) -> datetime:
    """Return the instant at which the last so many days began, today counting as one."""
    first = local_day(now) - timedelta(days=days - 1)
    return datetime.combine(first, time(), SHANGHAI)
