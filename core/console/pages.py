"""The one kind of console page: it reads through a selector and writes through services only."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet, TextChoices
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.audit.actors import Actor
from core.console import figures
from core.errors import DomainError


class ReadPage(ModelAdmin):
    """A list and detail page that shows what a selector lets this person see.

    A subclass sets `rows`, and adds actions that call services. Nothing here can be saved by the
    framework: a page with a form overrides `save_model` to call its service.
    """

    # Called as rows(user) -> QuerySet; wrapped in staticmethod by the subclass.
    rows: Callable[[Any], QuerySet[Any]]
    # The codes of the rows' `state`, for the column `standing`.
    states: type[TextChoices]
    list_per_page = 50
    show_full_result_count = False
    actions_selection_counter = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        ordering = self.get_ordering(request)
        found = type(self).rows(request.user)
        return found.order_by(*ordering) if ordering else found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        # Whoever may enter the console sees the page; which rows, the selector says.
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    @admin.display(description="State", ordering="state")
    def standing(self, row: Any) -> str:
        return figures.label(self.states, row.state)

    def actor(self, request: HttpRequest) -> Actor:
        """Return who is at the console, for a service's log."""
        return Actor(int(request.user.pk))

    def carry_out(
        self, request: HttpRequest, rows: QuerySet[Any], call: Callable[[Any], object]
    ) -> None:
        """Call a service for each selected row, and say what was done and what was refused."""
        done = 0
        for row in rows:
            try:
                call(row)
            except DomainError as refusal:
                self.message_user(
                    request, f"{row}: {refusal.zh} {refusal.code}", level=messages.ERROR
                )
            else:
                done += 1
        if done:
            self.message_user(request, f"已完成 {done} 项。{done} done.")
