"""Dispatch holds in the console: setting them, and lifting them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import fields, figures, filters, lives
from core.console.forms import ConsoleForm, Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.places import RegionsField
from core.console.words import said
from core.regions.selectors import divisions
from core.transactions import entry
from logistics.freight.domain.holding import HOLD, HoldKind, HoldState
from logistics.freight.models import DispatchHold
from logistics.freight.selectors import console
from logistics.freight.services import holding


class HoldForm(ConsoleForm):
    """A region to or from which goods do not travel for a while."""

    region = RegionsField(
        label=said("Region", "地区"),
        most=1,
        rows=1,
        required=True,
        help_text=said("One code or name, e.g. 武汉市.", "填一个名称或代码，例如：武汉市。"),
    )
    kind = fields.CodeField(label=said("What happens", "方式"), enum=HoldKind)
    starts_at = fields.LocalTimeField(
        label=said("From", "开始"),
        required=False,
        help_text=said("At once where it is left empty.", "留空则立即开始。"),
    )
    ends_at = fields.LocalTimeField(
        label=said("Until", "结束"),
        required=False,
        help_text=said("Until lifted where it is left empty.", "留空则直到解除。"),
    )
    reason = fields.LineField(label=said("Why", "原因"), max_length=200)
    sentences = {
        "WINDOW_NOT_FORWARD": said(
            "It must end later than it begins, and in the future.", "结束时间必须晚于开始和现在。"
        )
    }


def _set(page: ReadPage, request: HttpRequest, row: None, given: dict[str, Any]) -> DispatchHold:  # noqa: ARG001
    region = next(iter(given.pop("region")))
    kind = HoldKind(given.pop("kind"))
    actor, now = page.actor(request), timezone.now()
    return entry(holding.set_hold)(region=region, kind=kind, actor=actor, now=now, **given)


@admin.register(DispatchHold)
class HoldPage(ReadPage):
    """Where goods do not travel."""

    rows = staticmethod(console.holds_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.ORDERS, 40, "block"
    called = (said("dispatch hold", "收发货管制"), said("dispatch holds", "收发货管制"))
    states, machine = HoldState, HOLD
    colours = {HoldState.SET: figures.RED}
    deeds = (Deed("add", said("Set a hold", "新增管制"), HoldForm, _set),)
    list_display = ("place_held", "kind_held", "window", "standing", "why")
    list_filter = (filters.by_code("state", HoldState, said("State", "状态")),)
    search_fields = ("region__startswith",)
    search_help_text = said("Region code", "地区代码")
    fields = ("place_held", "kind_held", "window", "standing", "why", "steps")
    ordering = ("-pk",)
    actions = ("lift",)

    def prepare(self, rows: Sequence[DispatchHold]) -> None:
        """Read the names of all regions at once."""
        divisions.names({row.region for row in rows})

    def name_of(self, row: DispatchHold) -> str:
        """Name a hold by its region."""
        return self.place_held(row)

    @admin.display(description=said("Region", "地区"), ordering="region")
    def place_held(self, row: DispatchHold) -> str:
        return f"{divisions.names([row.region]).get(row.region, '')} {row.region}".strip()

    @admin.display(description=said("What happens", "方式"), ordering="kind")
    def kind_held(self, row: DispatchHold) -> str:
        return figures.label(HoldKind, row.kind)

    @admin.display(description=said("Window", "时段"), ordering="starts_at")
    def window(self, row: DispatchHold) -> str:
        return figures.window(row.starts_at, row.ends_at)

    @admin.display(description=said("Why", "原因"))
    def why(self, row: DispatchHold) -> str:
        return row.reason

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: DispatchHold) -> SafeString:
        return lives.life(HOLD, row.pk, HoldState)

    @admin.action(description=said("Lift", "解除"))
    def lift(self, request: HttpRequest, queryset: QuerySet[DispatchHold]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(holding.lift)(row, reason=reason, actor=actor, now=now),
        )
