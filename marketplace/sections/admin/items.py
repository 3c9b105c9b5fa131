"""The page of items: what the partner and the platform say to goods of co-branded sections."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives, reach
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.errors import Forbidden
from core.regions.selectors import divisions
from core.transactions import entry
from marketplace.sections.domain.reviewing import ITEM, ItemDecision, ItemState, Side
from marketplace.sections.models import SectionItem
from marketplace.sections.selectors import console
from marketplace.sections.services import items

# Whose work each action is.
_ROLE_OF = {Side.PARTNER: Role.PARTNER, Side.PLATFORM: Role.SECTION_MANAGER}


@admin.register(SectionItem)
class ItemPage(ReadPage):
    """Goods that somebody wants in a co-branded section."""

    rows = staticmethod(console.items_for)
    roles = (Role.SECTION_MANAGER, Role.PARTNER)
    group, place, icon = Group.SECTIONS, 20, "handshake"
    called = (said("co-branded item", "联名商品"), said("co-branded items", "联名商品"))
    states, machine = ItemState, ITEM
    colours = {
        ItemState.PROPOSED: figures.AMBER,
        ItemState.PARTNER_APPROVED: figures.BLUE,
        ItemState.PLATFORM_APPROVED: figures.BLUE,
        ItemState.APPROVED: figures.GREEN,
        ItemState.REJECTED: figures.RED,
    }
    list_display = ("title", "section_name", "shop_name", "county", "standing", "proposed")
    list_filter = (filters.by_code("state", ItemState, said("State", "状态")),)
    search_fields = ("product__title", "section__slug")
    fields = (
        "title",
        "section_name",
        "shop_name",
        "county",
        "standing",
        "proposed",
        "by_partner",
        "by_platform",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("partner_approve", "partner_reject", "platform_approve", "platform_reject")

    def prepare(self, rows: Sequence[SectionItem]) -> None:
        """Read the names of all counties at once."""
        divisions.names({row.product.origin_county for row in rows})

    def name_of(self, row: SectionItem) -> str:
        """Name an item by its product."""
        return row.product.title

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer each side its own decisions only."""
        held = {side.value for side, role in _ROLE_OF.items() if reach.holds(request.user, role)}
        found = super().get_actions(request)
        return {name: what for name, what in found.items() if name.partition("_")[0] in held}

    @admin.display(description=said("Product", "商品"), ordering="product__title")
    def title(self, row: SectionItem) -> str:
        return row.product.title

    @admin.display(description=said("Section", "专区"), ordering="section__slug")
    def section_name(self, row: SectionItem) -> str:
        return chosen(row.section.name_en or row.section.name, row.section.name)

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: SectionItem) -> str:
        return row.product.shop.name

    @admin.display(description=said("Origin", "产地"))
    def county(self, row: SectionItem) -> str:
        code = row.product.origin_county
        return f"{divisions.names([code]).get(code, '')} {code}".strip()

    @admin.display(description=said("Proposed", "提交时间"), ordering="proposed_at")
    def proposed(self, row: SectionItem) -> str:
        return figures.local_time(row.proposed_at)

    @admin.display(description=said("Partner", "合作方"))
    def by_partner(self, row: SectionItem) -> str:
        return _approval(row.partner_by, row.partner_at)

    @admin.display(description=said("Platform", "平台"))
    def by_platform(self, row: SectionItem) -> str:
        return _approval(row.platform_by, row.platform_at)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: SectionItem) -> SafeString:
        return lives.life(ITEM, row.pk, ItemState)

    @admin.action(description=said("Approve for the partner", "合作方同意"))
    def partner_approve(self, request: HttpRequest, queryset: QuerySet[SectionItem]) -> None:
        self._decide(request, queryset, Side.PARTNER, ItemDecision.APPROVE)

    @admin.action(description=said("Reject for the partner", "合作方拒绝"))
    def partner_reject(self, request: HttpRequest, queryset: QuerySet[SectionItem]) -> None:
        self._decide(request, queryset, Side.PARTNER, ItemDecision.REJECT)

    @admin.action(description=said("Approve for the platform", "平台同意"))
    def platform_approve(self, request: HttpRequest, queryset: QuerySet[SectionItem]) -> None:
        self._decide(request, queryset, Side.PLATFORM, ItemDecision.APPROVE)

    @admin.action(description=said("Reject for the platform", "平台拒绝"))
    def platform_reject(self, request: HttpRequest, queryset: QuerySet[SectionItem]) -> None:
        self._decide(request, queryset, Side.PLATFORM, ItemDecision.REJECT)

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[SectionItem],
        side: Side,
        decision: ItemDecision,
    ) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)

        def one(row: SectionItem) -> SectionItem:
            if not console.may_decide(request.user, row, side):
                raise Forbidden(needs=_ROLE_OF[side].value)
            return entry(items.decide)(row, side, decision, actor=actor, now=now, reason=reason)

        self.carry_out(request, queryset, one)


def _approval(who: Any, at: Any) -> str:
    if at is None:
        return figures.NOTHING
    return f"{figures.local_time(at)} {getattr(who, 'name', '')}".strip()
