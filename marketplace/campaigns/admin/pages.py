"""The pages of campaigns, and their calendar."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.forms import Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.transactions import entry
from marketplace.campaigns.admin import drawing, forms
from marketplace.campaigns.domain import templates
from marketplace.campaigns.domain.kinds import CampaignKind
from marketplace.campaigns.domain.states import (
    CAMPAIGN,
    OVER,
    CampaignState,
    EnrolmentState,
)
from marketplace.campaigns.domain.templates import CampaignTemplate
from marketplace.campaigns.models import Campaign
from marketplace.campaigns.selectors import calendar, console
from marketplace.campaigns.services import campaigns
from marketplace.coupons.domain.states import BatchState


def _plan(page: ReadPage, request: HttpRequest, row: None, given: dict[str, Any]) -> Campaign:  # noqa: ARG001
    wanted = templates.filled(given.pop("template"), given)
    return entry(campaigns.create)(**_linked(wanted), actor=page.actor(request), now=timezone.now())


def _copy(page: ReadPage, request: HttpRequest, row: Campaign, given: dict[str, Any]) -> Campaign:
    return entry(campaigns.copy)(row, **given, actor=page.actor(request), now=timezone.now())


def _edit(
    page: ReadPage,  # noqa: ARG001
    request: HttpRequest,  # noqa: ARG001
    row: Campaign,
    given: dict[str, Any],
) -> Campaign:
    # The guard is what the form was shown, not what is there by now.
    row.version = given.pop("version")
    return entry(campaigns.edit)(row, **_linked(given), now=timezone.now())


def _linked(given: dict[str, Any]) -> dict[str, Any]:
    budget = given.get("budget")
    return given | {"budget": UUID(budget) if budget else None}


def _fresh(row: None) -> dict[str, Any]:  # noqa: ARG001
    return {"template": CampaignTemplate.PLAIN}


def _shown(row: Campaign) -> dict[str, Any]:
    words = ("slug", "kind", "name", "name_en", "intro", "intro_en", "version")
    return {
        **{name: getattr(row, name) for name in (*words, *templates.WINDOWS)},
        "section": row.section.slug if row.section else "",
        "budget": str(row.budget.reference) if row.budget else "",
        "organisation": row.organisation.name if row.organisation else "",
    }


def _is_open(row: Campaign) -> bool:
    return row.state not in OVER


@admin.register(Campaign)
class CampaignPage(ReadPage):
    """Campaigns with what they sell."""

    rows = staticmethod(console.campaigns_for)
    roles = (Role.CAMPAIGN_MANAGER, Role.SECTION_MANAGER)
    # Who runs a section looks at its campaigns; campaign managers run them.
    doers = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 4, "calendar_month"
    called = (said("campaign", "营销活动"), said("campaigns", "营销活动"))
    states, machine = CampaignState, CAMPAIGN
    colours = drawing.COLOURS
    list_before_template = "campaigns/to_calendar.html"
    deeds = (
        Deed("add", said("New campaign", "新建活动"), forms.NewCampaignForm, _plan, _fresh),
        Deed("edit", said("Edit", "编辑"), forms.CampaignEdit, _edit, _shown, _is_open),
        Deed("copy", said("Copy", "复制为新活动"), forms.CopyForm, _copy),
    )
    list_display = ("title", "kind_of", "standing", "window", "enrolment", "offers", "held_by")
    list_filter = (
        filters.by_code("state", CampaignState, said("State", "状态")),
        filters.by_code("kind", CampaignKind, said("Kind", "类型")),
    )
    search_fields = ("name", "name_en", "slug")
    fields = (
        "title",
        "address",
        "introduction",
        "kind_of",
        "standing",
        "window",
        "announced",
        "enrolment",
        "section_name",
        "held_by",
        "offered",
        "coupons",
        "steps",
        "id_outside",
    )
    ordering = ("-starts_at", "-pk")
    actions = ("schedule", "pause", "resume", "end", "cancel")

    def get_urls(self) -> list[URLPattern]:
        """Put the calendar beside the list."""
        view = self.admin_site.admin_view(self.calendar_view)
        return [path("calendar/", view, name="campaigns_campaign_calendar"), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer steps only to those who run campaigns."""
        return super().get_actions(request) if self.may_do(request) else {}

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """Show a month or a quarter at a glance."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        span = drawing.asked_for(request.GET, now)
        rows = console.calendar_for(request.user, span.start, span.end)
        other = "month" if span.kind == "quarter" else "quarter"
        context = {
            **self.admin_site.each_context(request),
            "title": chosen("Campaign calendar", "活动日历"),
            "span": span.title,
            "count": chosen(f"{len(rows)} campaigns", f"{len(rows)} 个活动"),
            "grid": drawing.grid(
                span, [(row, self.address_of(row.pk), calendar.standing(row, now)) for row in rows]
            ),
            "ways": [
                (_address(span.beside(-1)), "‹ " + span.beside(-1).title),
                (_address(span.beside(1)), span.beside(1).title + " ›"),
                (_address(span.as_(other)), span.as_(other).title),
                (reverse("admin:campaigns_campaign_changelist"), chosen("List", "列表")),
            ],
        }
        return TemplateResponse(request, "campaigns/calendar.html", context)

    def name_of(self, row: Campaign) -> str:
        """Name the campaign in the language of the page."""
        return self.title(row)

    @admin.display(description=said("Name", "名称"), ordering="name")
    def title(self, row: Campaign) -> str:
        return chosen(row.name_en or row.name, row.name)

    @admin.display(description=said("Address", "网址标识"), ordering="slug")
    def address(self, row: Campaign) -> str:
        return f"/api/v1/campaigns/{row.slug}"

    @admin.display(description=said("Introduction", "介绍"))
    def introduction(self, row: Campaign) -> str:
        return chosen(row.intro_en or row.intro, row.intro) or figures.NOTHING

    @admin.display(description=said("Kind", "类型"), ordering="kind")
    def kind_of(self, row: Campaign) -> str:
        return figures.label(CampaignKind, row.kind)

    @admin.display(description=said("Runs", "活动时间"), ordering="starts_at")
    def window(self, row: Campaign) -> SafeString:
        return figures.stretch(row.starts_at, row.ends_at)

    @admin.display(description=said("Announced", "预热开始"), ordering="preheats_at")
    def announced(self, row: Campaign) -> str:
        return figures.local_time(row.preheats_at)

    @admin.display(description=said("Shops enrol", "报名时间"))
    def enrolment(self, row: Campaign) -> SafeString:
        return figures.stretch(row.enrol_from, row.enrol_until)

    @admin.display(description=said("Approved, waiting", "已通过、待审核"))
    def offers(self, row: Any) -> str:
        return f"{row.approved:,} / {row.submitted:,}"

    @admin.display(description=said("Section", "专区"))
    def section_name(self, row: Campaign) -> str:
        if row.section is None:
            return figures.NOTHING
        return chosen(row.section.name_en or row.section.name, row.section.name)

    @admin.display(description=said("Held by", "主办机构"))
    def held_by(self, row: Campaign) -> str:
        return row.organisation.name if row.organisation else figures.NOTHING

    @admin.display(description=said("Enrolled", "报名商品"))
    def offered(self, row: Campaign) -> SafeString:
        headings = (
            chosen("Product", "商品"),
            chosen("Shop", "店铺"),
            chosen("Price", "活动价"),
            chosen("Pieces", "数量"),
            chosen("State", "状态"),
        )
        return figures.table(
            headings,
            [
                (
                    figures.link(
                        reverse("admin:campaigns_enrolment_change", args=[one.pk]),
                        f"{one.sku.product.title} {one.sku.spec}",
                    ),
                    one.shop.name,
                    figures.yuan(one.price_fen),
                    f"{one.quantity:,}",
                    figures.label(EnrolmentState, one.state),
                )
                for one in console.enrolled_in(row)
            ],
            figures={2, 3},
        )

    @admin.display(description=said("Coupons of its budget", "预算内优惠券"))
    def coupons(self, row: Campaign) -> SafeString:
        headings = (chosen("Batch", "批次"), chosen("State", "状态"))
        return figures.table(
            headings,
            [
                (
                    figures.link(
                        reverse("admin:coupons_couponbatch_change", args=[one.pk]), one.name
                    ),
                    figures.label(BatchState, one.state),
                )
                for one in console.batches_of(row)
            ],
        )

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Campaign) -> SafeString:
        return lives.life(CAMPAIGN, row.pk, CampaignState)

    @admin.display(description="ID")
    def id_outside(self, row: Campaign) -> str:
        return str(row.reference)

    @admin.action(description=said("Schedule", "排期上线"))
    def schedule(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, "schedule")

    @admin.action(
        description=said(
            "Pause everything: prices and coupons, with a reason",
            "全部暂停：活动价与优惠券（须填原因）",
        )
    )
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, "pause")

    @admin.action(description=said("Resume: offers wait for approval", "恢复（报名需重新审核）"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, "resume")

    @admin.action(description=said("End now, with a reason", "提前结束（须填原因）"))
    def end(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, "end")

    @admin.action(description=said("Cancel, with a reason", "取消活动（须填原因）"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, "cancel")

    def _move(self, request: HttpRequest, queryset: QuerySet[Campaign], action: str) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(campaigns.move)(row, action, actor=actor, now=now, reason=reason),
        )


def _address(span: drawing.Span) -> str:
    asked = urlencode({"span": span.kind, "from": span.first.isoformat()})
    return f"{reverse('admin:campaigns_campaign_calendar')}?{asked}"
