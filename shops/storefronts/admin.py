"""Shop review in the console."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.accounts.sealing import mask_phone
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.errors import NotFound
from core.periods import local_day
from core.regions.selectors import divisions
from core.transactions import entry
from shops.storefronts.domain.licensing import Fulfilment, LicenceKind, MemberRole, ShopKind
from shops.storefronts.domain.states import SHOP, LicenceState, ShopState
from shops.storefronts.models import Licence, Shop
from shops.storefronts.selectors import console, papers, shops
from shops.storefronts.services import reviewing

_WITH_REASON = (reviewing.Decision.REJECT, reviewing.Decision.SUSPEND)
_PAPER_COLOURS = {
    LicenceState.PENDING: figures.AMBER,
    LicenceState.VALID: figures.GREEN,
    LicenceState.EXPIRING: figures.AMBER,
    LicenceState.EXPIRED: figures.RED,
    LicenceState.REVOKED: figures.RED,
}


@admin.register(Shop)
class ShopPage(ReadPage):
    """Shops, first those that wait for review."""

    rows = staticmethod(console.shops_for)
    roles = (Role.REVIEWER,)
    group, place, icon = Group.REVIEW, 10, "storefront"
    called = (said("shop", "店铺"), said("shops", "店铺"))
    states, machine = ShopState, SHOP
    colours = {
        ShopState.IN_REVIEW: figures.AMBER,
        ShopState.OPEN: figures.GREEN,
        ShopState.REJECTED: figures.RED,
        ShopState.SUSPENDED: figures.RED,
    }
    list_display = ("shop_name", "kind_name", "county", "standing", "submitted", "commission")
    list_filter = (
        filters.by_code("state", ShopState, said("State", "状态")),
        filters.by_code("kind", ShopKind, said("Kind", "类型")),
    )
    search_fields = ("name", "slug")
    search_help_text = said("Name of the shop", "店铺名称")
    fields = (
        "shop_name",
        "kind_name",
        "county",
        "introduction",
        "standing",
        "checklist",
        "papers_handed_in",
        "people",
        "submitted",
        "opened",
        "decision",
        "commission",
        "shipping",
        "steps",
    )
    actions = ("approve", "reject", "suspend", "reopen")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Put those that wait for a decision first."""
        return ("turn", "-submitted_at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.paper_view)
        address = path(
            "<int:object_id>/papers/<uuid:reference>/", view, name="storefronts_shop_paper"
        )
        return [address, *super().get_urls()]

    def paper_view(
        self, request: HttpRequest, object_id: int, reference: UUID
    ) -> HttpResponseRedirect:
        """Open the file of a paper; the signature is made anew on each click."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            address = console.file_address(self.get_object(request, str(object_id)), reference)
        except NotFound:
            raise Http404 from None
        return HttpResponseRedirect(address)

    def prepare(self, rows: Sequence[Shop]) -> None:
        """Read the names of all counties at once."""
        divisions.names({row.region for row in rows})

    @admin.display(description=said("Name", "店铺名称"), ordering="name")
    def shop_name(self, row: Shop) -> str:
        return row.name

    @admin.display(description=said("Kind", "类型"), ordering="kind")
    def kind_name(self, row: Shop) -> str:
        return figures.label(ShopKind, row.kind)

    @admin.display(description=said("County", "所在县区"), ordering="region")
    def county(self, row: Shop) -> str:
        return f"{divisions.names([row.region]).get(row.region, '')} {row.region}".strip()

    @admin.display(description=said("Introduction", "店铺介绍"))
    def introduction(self, row: Shop) -> str:
        return row.intro or figures.NOTHING

    @admin.display(description=said("Submitted", "提交时间"), ordering="submitted_at")
    def submitted(self, row: Shop) -> str:
        return figures.local_time(row.submitted_at)

    @admin.display(description=said("Opened", "开业时间"))
    def opened(self, row: Shop) -> str:
        return figures.local_time(row.opened_at)

    @admin.display(description=said("Last reason", "最近审核意见"))
    def decision(self, row: Shop) -> str:
        return row.decision_reason or figures.NOTHING

    @admin.display(description=said("Commission", "佣金比例"))
    def commission(self, row: Shop) -> str:
        return figures.percent(row.commission_bp)

    @admin.display(description=said("Shipping", "发货方式"))
    def shipping(self, row: Shop) -> str:
        return figures.label(Fulfilment, row.fulfilment)

    @admin.display(description=said("Needed to open", "开店所需资料"))
    def checklist(self, row: Shop) -> SafeString:
        items = papers.checklist(row, on=local_day(timezone.now()))
        marks = [
            (
                figures.GREEN if item.is_done else figures.RED,
                "✓" if item.is_done else "✗",
                chosen(item.en, item.zh),
            )
            for item in items
        ]
        return format_html_join("", '<div><b class="console-{}">{}</b> {}</div>', marks)

    @admin.display(description=said("Papers", "证照资料"))
    def papers_handed_in(self, row: Shop) -> SafeString:
        headings = (
            chosen("Paper", "证照"),
            chosen("Number", "号码"),
            chosen("State", "状态"),
            chosen("Valid", "有效期"),
            chosen("File", "文件"),
        )
        return figures.table(headings, [_paper(row, one) for one in console.papers_of(row)])

    @admin.display(description=said("People", "成员"))
    def people(self, row: Shop) -> SafeString:
        headings = (chosen("Name", "姓名"), chosen("Phone", "手机号"), chosen("Role", "角色"))
        return figures.table(
            headings,
            [
                (
                    one.user.name or figures.NOTHING,
                    mask_phone(one.user.phone or ""),
                    figures.label(MemberRole, one.role),
                )
                for one in shops.members_of(row.pk)
            ],
        )

    @admin.display(description=said("History", "审核记录"))
    def steps(self, row: Shop) -> SafeString:
        return lives.life(SHOP, row.pk, ShopState)

    @admin.action(description=said("Approve: open the shop", "通过：准许开业"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.APPROVE)

    @admin.action(description=said("Send back", "驳回"))
    def reject(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.REJECT)

    @admin.action(description=said("Suspend", "暂停营业"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.SUSPEND)

    @admin.action(description=said("Reopen", "恢复营业"))
    def reopen(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        self._decide(request, queryset, reviewing.Decision.REOPEN)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Shop], decision: reviewing.Decision
    ) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        if decision in _WITH_REASON and not reason:
            said_so = chosen(
                "Please give the reason: the shop is told.", "请填写原因，店铺会看到。"
            )
            self.message_user(request, said_so, level=messages.ERROR)
            return
        self.carry_out(
            request,
            queryset,
            lambda shop: entry(reviewing.decide)(
                shop, decision, actor=actor, now=now, reason=reason
            ),
        )


def _paper(shop: Shop, paper: Licence) -> tuple[Any, ...]:
    number = figures.lines(
        paper.number or figures.NOTHING,
        figures.badge(chosen("Also in another shop", "另一店铺也使用此号码"), figures.RED)
        if getattr(paper, "is_number_elsewhere", False)
        else "",
    )
    address = reverse("admin:storefronts_shop_paper", args=[shop.pk, paper.reference])
    colour = _PAPER_COLOURS.get(LicenceState(paper.state), figures.GREY)
    return (
        figures.label(LicenceKind, paper.kind),
        number,
        figures.badge(figures.label(LicenceState, paper.state), colour),
        f"{paper.valid_from or ''} – {paper.valid_until or ''}".strip(" –") or figures.NOTHING,
        figures.link(address, chosen("Open", "查看")) if paper.upload_id else figures.NOTHING,
    )
