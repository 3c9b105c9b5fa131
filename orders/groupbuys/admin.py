"""Group buys in the console: planned for a shop, watched with their teams, ended and called off."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from core.accounts.domain.roles import Role
from core.console import fields, figures, filters, lives
from core.console.forms import ConsoleForm, Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.errors import IllegalTransition
from core.transactions import entry
from marketplace.activities.domain.states import ACTIVITY, LIVE, ActivityState
from marketplace.activities.services import activities
from marketplace.campaigns.services.wrongs import ReasonNeeded
from orders.groupbuys.domain import arithmetic
from orders.groupbuys.domain.states import TEAM, UNDECIDED, Failure, TeamState, VirtualMode
from orders.groupbuys.models import GroupTerms, Team
from orders.groupbuys.selectors import console
from orders.groupbuys.services import expiring, selling
from shops.catalogue.selectors import console as goods

TEAM_COLOURS: Mapping[str, str] = {
    TeamState.OPENING: figures.AMBER,
    TeamState.FORMING: figures.BLUE,
    TeamState.SUCCEEDED: figures.GREEN,
    TeamState.FAILED: figures.RED,
}


class PlanForm(ConsoleForm):
    """A group buy of a shop's SKU."""

    sku = forms.UUIDField(
        label=said("ID of the SKU", "规格编号"), widget=UnfoldAdminTextInputWidget()
    )
    price = fields.YuanField(label=said("Team price", "拼团价"))
    quantity = fields.CountField(
        label=said("Pieces", "数量"),
        help_text=said("They leave the stock at once.", "设置后立即从可用库存中划出。"),
    )
    per_user_limit = fields.CountField(
        label=said("At most for one person", "每人限购"), required=False
    )
    team_size = fields.CountField(
        label=said("People in a team", "成团人数"), largest=arithmetic.SIZE_MAX
    )
    team_hours = fields.CountField(
        label=said("Hours to fill", "成团时限（小时）"), largest=arithmetic.HOURS_MAX
    )
    virtual_mode = fields.CodeField(
        label=said("May a team succeed that is nearly full?", "虚拟成团"), enum=VirtualMode
    )
    virtual_ratio = fields.PercentField(
        label=said("From this share of paid seats on", "最低已付人数比例"), required=False
    )
    starts_at = fields.LocalTimeField(label=said("Begins", "开始时间"))
    ends_at = fields.LocalTimeField(
        label=said("Ends", "结束时间"),
        help_text=said(
            "No team is opened after it; those that are open may still fill.",
            "此后不能再开团，已开的团仍可继续拼满。",
        ),
    )

    groups = (
        (said("What", "商品与价格"), ("sku", "price", ("quantity", "per_user_limit"))),
        (
            said("Teams", "成团规则"),
            (("team_size", "team_hours"), ("virtual_mode", "virtual_ratio")),
        ),
        (said("When (Beijing time)", "时间（北京时间）"), (("starts_at", "ends_at"),)),
    )
    sentences = {
        "SKU_NOT_FOUND": said("There is no such SKU.", "没有该规格。"),
        "WINDOW_NOT_FORWARD": said(
            "The end must be later than the start.", "结束时间必须晚于开始时间和现在。"
        ),
        "PRICE_NOT_BELOW_LIST": said("Below the ordinary price.", "拼团价须低于日常售价。"),
        "TEAM_SIZE": said(
            f"{arithmetic.SIZE_MIN} to {arithmetic.SIZE_MAX} people.",
            f"成团人数为 {arithmetic.SIZE_MIN} 至 {arithmetic.SIZE_MAX} 人。",
        ),
        "RATIO": said(
            "This comes with the share of seats, and only with it.",
            "仅“按比例”成团需要填写，且必须填写。",
        ),
    }
    about = {"STOCK_TOO_LOW": "quantity", "ACTIVITY_OVERLAP": "starts_at"}


def _fresh(row: None) -> dict[str, Any]:  # noqa: ARG001
    return {"team_hours": arithmetic.HOURS_USUAL, "virtual_mode": VirtualMode.NONE}


def _plan(page: ReadPage, request: HttpRequest, row: None, given: dict[str, Any]) -> GroupTerms:  # noqa: ARG001
    given["virtual_ratio_bp"] = given["virtual_ratio_bp"] or 0
    draft = selling.Draft(**given)
    shop = goods.shop_of_sku(draft.sku)
    return entry(selling.set_up)(shop, draft, actor=page.actor(request), now=timezone.now())


@admin.register(GroupTerms)
class GroupBuyPage(ReadPage):
    """What is cheaper for teams, and how many teams there are."""

    rows = staticmethod(console.group_buys_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 55, "group_add"
    called = (said("group buy", "拼团活动"), said("group buys", "拼团活动"))
    states, machine = ActivityState, ACTIVITY
    colours = {ActivityState.SCHEDULED: figures.BLUE, ActivityState.RUNNING: figures.GREEN}
    deeds = (Deed("add", said("New group buy", "新建拼团"), PlanForm, _plan, _fresh),)
    list_display = ("goods", "shop_name", "price", "team", "taken", "counts", "standing", "window")
    list_filter = (
        filters.by_code("state", ActivityState, said("State", "状态")),
        filters.by_days("activity__starts_at", said("Begins", "开始时间")),
    )
    search_fields = ("activity__sku__product__title__icontains", "activity__shop__name")
    search_help_text = said("Product, or name of the shop", "商品或店铺名称")
    fields = (
        "id_outside",
        "goods",
        "shop_link",
        "price",
        "team",
        "virtual",
        "pieces",
        "limit",
        "standing",
        "window",
        "ended",
        "teams",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("end", "call_off")

    def name_of(self, row: GroupTerms) -> str:
        """Name the group buy by its goods."""
        return f"{row.activity.sku.product.title} {row.activity.sku.spec}"

    def acts_on(self, row: Any) -> list[str]:
        """Nobody can call off what has ended and has no team that may still become something."""
        if row.state in LIVE:
            return ["end", "call_off"]
        return ["call_off"] if row.forming else []

    @admin.display(description="ID")
    def id_outside(self, row: GroupTerms) -> str:
        return str(row.activity.reference)

    @admin.display(description=said("Goods", "商品"))
    def goods(self, row: GroupTerms) -> str:
        return self.name_of(row)

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: GroupTerms) -> str:
        return row.activity.sku.product.shop.name

    @admin.display(description=said("Shop", "店铺"))
    def shop_link(self, row: GroupTerms) -> SafeString:
        shop = row.activity.sku.product.shop
        return figures.link(reverse("admin:storefronts_shop_change", args=[shop.pk]), shop.name)

    @admin.display(
        description=said("Team price, instead of", "拼团价与原价"), ordering="activity__price_fen"
    )
    def price(self, row: GroupTerms) -> str:
        instead = figures.yuan(row.activity.list_price_fen)
        return f"{figures.yuan(row.activity.price_fen)} ({chosen('list', '原价')} {instead})"

    @admin.display(description=said("Team", "成团规则"), ordering="team_size")
    def team(self, row: GroupTerms) -> str:
        return chosen(
            f"{row.team_size} people in {row.team_hours} h",
            f"{row.team_size} 人 · {row.team_hours} 小时内",
        )

    @admin.display(description=said("Nearly full teams succeed", "虚拟成团"))
    def virtual(self, row: GroupTerms) -> str:
        mode = figures.label(VirtualMode, row.virtual_mode)
        share = figures.percent(row.virtual_ratio_bp)
        return f"{mode} · {share}" if row.virtual_ratio_bp else mode

    @admin.display(description=said("Pieces", "数量"))
    def pieces(self, row: Any) -> SafeString:
        whole = row.activity.quantity
        held = whole - row.activity.returned - row.sold - row.left
        parts = (
            figures.Part(row.sold, figures.GREEN, chosen("sold ", "已售 ") + f"{row.sold:,}"),
            figures.Part(held, figures.AMBER, chosen("to pay ", "待付款 ") + f"{held:,}"),
            figures.Part(row.left, "empty", chosen("left ", "剩余 ") + f"{row.left:,}"),
        )
        return figures.bar(parts, whole)

    @admin.display(description=said("Sold, left", "已售、剩余"))
    def taken(self, row: Any) -> str:
        return f"{row.sold:,} / {row.left:,}"

    @admin.display(description=said("Teams", "团数"))
    def counts(self, row: Any) -> SafeString:
        won, lost = f"{row.succeeded:,}", f"{row.failed:,}"
        return figures.lines(
            chosen("forming ", "拼团中 ") + f"{row.forming:,}",
            chosen(f"complete {won} · failed {lost}", f"已成团 {won} · 未成团 {lost}"),
        )

    @admin.display(description=said("Per person", "每人限购"))
    def limit(self, row: GroupTerms) -> str:
        return str(row.activity.per_user_limit or figures.NOTHING)

    @admin.display(description=said("Window", "时段"), ordering="activity__starts_at")
    def window(self, row: GroupTerms) -> SafeString:
        return figures.stretch(row.activity.starts_at, row.activity.ends_at)

    @admin.display(description=said("Ended", "结束时间"))
    def ended(self, row: GroupTerms) -> str:
        return figures.local_time(row.activity.ended_at)

    @admin.display(description=said("Latest teams", "最近的团"))
    def teams(self, row: GroupTerms) -> SafeString:
        headings = (
            chosen("Opened", "开团时间"),
            chosen("Paid, of seats", "已付人数 / 成团人数"),
            chosen("State", "状态"),
        )
        return figures.table(
            headings,
            [
                (
                    figures.link(
                        reverse("admin:groupbuys_team_change", args=[one.pk]),
                        figures.local_time(one.created_at),
                    ),
                    f"{one.paid} / {one.size}",
                    figures.badge(figures.label(TeamState, one.state), TEAM_COLOURS[one.state]),
                )
                for one in console.teams_of(row)
            ],
            figures={1},
        )

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: GroupTerms) -> SafeString:
        return lives.life(ACTIVITY, row.activity_id, ActivityState)

    @admin.action(description=said("End: no more teams are opened", "结束，不再开新团"))
    def end(self, request: HttpRequest, queryset: QuerySet[GroupTerms]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(activities.end)(row.activity, actor=actor, now=now, reason=reason),
        )

    @admin.action(
        description=said(
            "Call off, with a reason: everybody in a forming team is refunded",
            "商家缺货，取消并退款未成团订单（须填原因）",
        )
    )
    def call_off(self, request: HttpRequest, queryset: QuerySet[GroupTerms]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)

        def give_up(row: GroupTerms) -> None:
            if not reason:
                raise ReasonNeeded
            if "call_off" not in self.acts_on(row):
                raise IllegalTransition(subject=ACTIVITY.subject, action="call_off")
            entry(selling.call_off)(row, actor=actor, now=now, reason=reason)

        self.carry_out(request, queryset, give_up)


@admin.register(Team)
class TeamPage(ReadPage):
    """Who buys together, and how far they are."""

    rows = staticmethod(console.teams_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 60, "groups"
    called = (said("team", "拼团团队"), said("teams", "拼团团队"))
    states = TeamState
    colours = TEAM_COLOURS
    list_display = ("created", "goods", "shop_name", "standing", "why", "seats", "expires")
    list_filter = (
        filters.by_code("state", TeamState, said("State", "状态")),
        filters.by_code("failure", Failure, said("Why it failed", "失败原因")),
        filters.by_days("created_at", said("Opened", "开团时间")),
    )
    search_fields = ("activity__sku__product__title__icontains",)
    search_help_text = said("Product", "商品名称")
    fields = (
        "id_outside",
        "goods",
        "shop_name",
        "price",
        "standing",
        "why",
        "seats",
        "created",
        "expires",
        "decided",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("call_off",)

    def name_of(self, row: Team) -> str:
        """Name the team by its goods."""
        return f"{row.activity.sku.product.title} {row.paid}/{row.size}"

    def acts_on(self, row: Team) -> list[str]:
        """Only what may still become something can be called off, once."""
        return ["call_off"] if row.state in UNDECIDED and not row.called_off_at else []

    @admin.display(description="ID")
    def id_outside(self, row: Team) -> str:
        return str(row.reference)

    @admin.display(description=said("Goods", "商品"))
    def goods(self, row: Team) -> str:
        return f"{row.activity.sku.product.title} {row.activity.sku.spec}"

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: Team) -> str:
        return row.activity.sku.product.shop.name

    @admin.display(description=said("Team price", "拼团价"))
    def price(self, row: Team) -> str:
        return figures.yuan(row.activity.price_fen)

    @admin.display(description=said("Why it failed", "失败原因"))
    def why(self, row: Team) -> str:
        return figures.label(Failure, row.failure) if row.failure else figures.NOTHING

    @admin.display(description=said("Paid, to pay, empty, of seats", "已付、待付、虚拟、总人数"))
    def seats(self, row: Team) -> str:
        return f"{row.paid} + {row.locked} + {row.virtual} / {row.size}"

    @admin.display(description=said("Opened", "开团时间"), ordering="created_at")
    def created(self, row: Team) -> str:
        return figures.local_time(row.created_at)

    @admin.display(description=said("Its time is over", "截止时间"))
    def expires(self, row: Team) -> str:
        return figures.local_time(row.expires_at)

    @admin.display(description=said("Decided", "成团或失败时间"))
    def decided(self, row: Team) -> str:
        return figures.local_time(row.succeeded_at or row.failed_at)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Team) -> SafeString:
        return lives.life(TEAM, row.pk, TeamState)

    @admin.action(description=said("Call off: the shop cannot deliver", "商家缺货，取消拼团"))
    def call_off(self, request: HttpRequest, queryset: QuerySet[Team]) -> None:
        actor, now = self.actor(request), timezone.now()
        self.carry_out(
            request, queryset, lambda row: expiring.call_off_one(row.pk, actor=actor, now=now)
        )
