"""Pages of the console that are about nothing stored: they ask something and show an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from core.accounts.domain.roles import Role
from core.console import reach
from core.console.figures import Panel
from core.console.forms import ConsoleForm
from core.console.groups import Group
from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Tool:
    """A question and its answer; nothing is written.

    `answer(given)` returns what is shown of what was asked; `send` is what the button says.
    """

    name: str
    group: Group
    place: int
    icon: str
    title: Any
    send: Any
    roles: tuple[Role, ...]
    form: type[ConsoleForm]
    answer: Callable[[dict[str, Any]], Sequence[Panel]]

    def may_use(self, request: HttpRequest) -> bool:
        """Tell whether this is somebody's work."""
        return reach.holds(request.user, *self.roles)

    def page(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and the answer to what was asked with it."""
        if not self.may_use(request):
            raise PermissionDenied
        form = self.form(request.POST if request.method == "POST" else None)
        panels: Sequence[Panel] = ()
        if request.method == "POST" and form.is_valid():
            try:
                panels = self.answer(form.given())
            except DomainError as refusal:
                form.refuse(refusal)
        context = {
            **admin.site.each_context(request),
            "title": self.title,
            "form": form,
            "send": self.send,
            "panels": panels,
        }
        return TemplateResponse(request, "console/panels.html", context)


TOOLS: list[Tool] = []


def register(tool: Tool) -> None:
    """Give a tool its address and its place in the sidebar."""
    TOOLS.append(tool)


def addresses() -> list[URLPattern]:
    """Return the addresses of all tools."""
    return [
        path(f"tools/{tool.name}/", admin.site.admin_view(tool.page), name=f"tool_{tool.name}")
        for tool in TOOLS
    ]
