"""Full reductions in the console: watched, and ended where a shop has made a mistake."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.transactions import entry
from marketplace.reductions.domain.states import REDUCTION, ReductionState
from marketplace.reductions.models import ReductionTier, ShopReduction
from marketplace.reductions.selectors import console
from marketplace.reductions.services import reductions

GOODS_SHOWN_MAX = 20


@admin.register(ShopReduction)
class ReductionPage(ReadPage):
    """What shops take off by themselves."""

    rows = staticmethod(console.reductions_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 35, "sell"
    called = (said("full reduction", "店铺满减"), said("full reductions", "店铺满减"))
    states, machine = ReductionState, REDUCTION
    colours = {
        ReductionState.SCHEDULED: figures.BLUE,
        ReductionState.RUNNING: figures.GREEN,
    }
    list_display = ("title", "shop_name", "tiers", "standing", "window", "goods")
    list_filter = (
        filters.by_code("state", ReductionState, said("State", "状态")),
        filters.by_days("created_at", said("Set up", "创建时间")),
    )
    search_fields = ("name", "shop__name")
    search_help_text = said("Name, or name of the shop", "名称或店铺名称")
    fields = (
        "id_outside",
        "title",
        "shop_link",
        "standing",
        "tiers",
        "window",
        "goods",
        "activity",
        "ended",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("end",)

    @admin.display(description="ID")
    def id_outside(self, row: ShopReduction) -> str:
        return str(row.reference)

    @admin.display(description=said("Name", "名称"), ordering="name")
    def title(self, row: ShopReduction) -> str:
        return row.name

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: ShopReduction) -> str:
        return row.shop.name

    @admin.display(description=said("Shop", "店铺"))
    def shop_link(self, row: ShopReduction) -> SafeString:
        return figures.link(
            reverse("admin:storefronts_shop_change", args=[row.shop_id]), row.shop.name
        )

    @admin.display(description=said("Takes off", "优惠内容"))
    def tiers(self, row: ShopReduction) -> SafeString:
        return figures.lines(*map(_tier, row.tiers.all()))

    @admin.display(description=said("Window", "时段"), ordering="starts_at")
    def window(self, row: ShopReduction) -> SafeString:
        return figures.stretch(row.starts_at, row.ends_at)

    @admin.display(description=said("Counts for", "适用商品"))
    def goods(self, row: ShopReduction) -> SafeString | str:
        titles = [cover.product.title for cover in row.covers.all() if cover.product]
        if not titles:
            return chosen("Everything the shop sells", "全店商品")
        rest = len(titles) - GOODS_SHOWN_MAX
        more = chosen(f"and {rest} more", f"等 {len(titles)} 件商品") if rest > 0 else ""
        return figures.lines(*titles[:GOODS_SHOWN_MAX], more)

    @admin.display(description=said("On activity prices", "活动价商品"))
    def activity(self, row: ShopReduction) -> str:
        if row.allow_on_activity_price:
            return chosen("Counts too", "可同享")
        return chosen("Left out", "不参与")

    @admin.display(description=said("Ended", "结束时间"))
    def ended(self, row: ShopReduction) -> str:
        return figures.local_time(row.ended_at)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: ShopReduction) -> SafeString:
        return lives.life(REDUCTION, row.pk, ReductionState)

    @admin.action(description=said("End", "结束"))
    def end(self, request: HttpRequest, queryset: QuerySet[ShopReduction]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(reductions.end)(row, actor=actor, now=now, reason=reason),
        )


def _tier(tier: ReductionTier) -> str:
    off = figures.yuan(tier.amount_fen)
    if tier.threshold_fen is not None:
        asked = figures.yuan(tier.threshold_fen)
        return chosen(f"{off} off from {asked}", f"满 {asked} 减 {off}")
    pieces = tier.threshold_pieces
    return chosen(f"{off} off from {pieces} pieces", f"满 {pieces} 件减 {off}")
