"""Shop review in the console."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from core.console import figures
from core.console.pages import ReadPage
from core.periods import local_day
from core.regions.selectors import divisions
from core.transactions import entry
from shops.storefronts.domain.licensing import ShopKind
from shops.storefronts.domain.states import ShopState
from shops.storefronts.models import Shop
from shops.storefronts.selectors import console, papers
from shops.storefronts.services import reviewing


class ReasonForm(ActionForm):
    """Why a reviewer decides so; the shop is told."""

    reason = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "原因 Reason"}),
    )


@admin.register(Shop)
class ShopPage(ReadPage):
    """Shops, first those that wait for review."""

    rows = staticmethod(console.shops_for)
    states = ShopState
    action_form = ReasonForm
    list_display = ("name", "kind_name", "place", "standing", "submitted", "commission")
    list_filter = ("state", "kind")
    search_fields = ("name", "slug")
    fields = (
        "name",
        "slug",
        "kind_name",
        "place",
        "intro",
        "standing",
        "checklist",
        "submitted",
        "opened",
        "decision_reason",
        "commission",
        "fulfilment",
    )
    ordering = ("-submitted_at", "-pk")
    actions = ("approve", "reject", "suspend", "reopen")

    @admin.display(description="Kind", ordering="kind")
    def kind_name(self, row: Shop) -> str:
        return figures.label(ShopKind, row.kind)

    @admin.display(description="County", ordering="region")
    def place(self, row: Shop) -> str:
        return f"{divisions.names([row.region]).get(row.region, '')} {row.region}".strip()

    @admin.display(description="Submitted", ordering="submitted_at")
    def submitted(self, row: Shop) -> str:
        return figures.local_time(row.submitted_at)

    @admin.display(description="Opened")
    def opened(self, row: Shop) -> str:
        return figures.local_time(row.opened_at)

    @admin.display(description="Commission")
    def commission(self, row: Shop) -> str:
        return figures.percent(row.commission_bp)

    @admin.display(description="Papers")
    def checklist(self, row: Shop) -> SafeString:
        items = papers.checklist(row, on=local_day(timezone.now()))
        lines = [("✓" if item.is_done else "✗", item.zh, item.en) for item in items]
        return format_html_join("", "<div>{} {} {}</div>", lines)

    @admin.action(description="Approve: open the shop")
    def approve(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.APPROVE)

    @admin.action(description="Send back with a reason")
    def reject(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.REJECT)

    @admin.action(description="Suspend with a reason")
    def suspend(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.SUSPEND)

    @admin.action(description="Reopen")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.REOPEN)

    def _decide(
        self, request: HttpRequest, shops: QuerySet[Shop], decision: reviewing.Decision
    ) -> None:
        actor, now, reason = self.actor(request), timezone.now(), request.POST.get("reason", "")
        self.carry_out(
            request,
            shops,
            lambda shop: entry(reviewing.decide)(
                shop, decision, actor=actor, now=now, reason=reason[:200]
            ),
        )
