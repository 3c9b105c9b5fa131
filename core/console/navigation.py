"""The sidebar, made from the pages that there are."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.tools import TOOLS, Tool
from core.console.words import chosen


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the pages somebody may open, in the groups that people work in."""
    home: dict[str, Any] = {
        "title": chosen("Today", "今日概况"),
        "icon": "dashboard",
        "link": reverse("admin:index"),
        "active": request.path == reverse("admin:index"),
    }
    groups: list[dict[str, Any]] = [{"title": "", "items": [home]}]
    pages = [page for page in admin.site._registry.values() if isinstance(page, ReadPage)]  # noqa: SLF001
    for group in Group:
        mine = [
            page for page in pages if page.group is group and page.has_module_permission(request)
        ]
        items = [_item(request, page) for page in sorted(mine, key=lambda page: page.place)]
        items += [
            _tool(request, tool) for tool in TOOLS if tool.group is group and tool.may_use(request)
        ]
        if items:
            groups.append({"title": str(group.title), "separator": True, "items": items})
    return groups


def _item(request: HttpRequest, page: ReadPage) -> dict[str, Any]:
    options = page.opts
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return {
        "title": capfirst(str(options.verbose_name_plural)),
        "icon": page.icon,
        "link": address,
        "active": request.path.startswith(address),
    }


def _tool(request: HttpRequest, tool: Tool) -> dict[str, Any]:
    address = reverse(f"admin:tool_{tool.name}")
    return {
        "title": str(tool.title),
        "icon": tool.icon,
        "link": address,
        "active": request.path.startswith(address),
    }


def account(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return what somebody may look after for themselves."""
    return [
        {"title": chosen("Change password", "修改密码"), "link": reverse("admin:password_change")},
        {"title": chosen("Second factor", "两步验证"), "link": reverse("admin:second_factor")},
    ]
