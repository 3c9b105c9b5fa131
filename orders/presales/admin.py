"""Pre-sales in the console: planned for a shop, watched, and given up where it cannot deliver."""

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
from core.transactions import entry
from orders.presales.domain.states import (
    PREORDER,
    PRESALE,
    DefaultRule,
    PreorderState,
    PresaleKind,
    PresaleState,
)
from orders.presales.models import Preorder, PresaleTerms
from orders.presales.selectors import console
from orders.presales.services import defaulting, planning
from shops.catalogue.selectors import console as goods


class PlanForm(ConsoleForm):
    """A pre-sale of a shop's SKU; deposit, worth and compensation are those of one piece."""

    sentences = {
        "SKU_NOT_FOUND": said("There is no such SKU.", "没有该规格。"),
        "DEPOSIT": said(
            "This comes with a deposit, and only with one.", "仅定金预售需要填写，且必须填写。"
        ),
        "DEPOSIT_TOO_HIGH": said(
            "At most a fifth of what a piece costs in all.", "定金不得超过合同总价的 20%。"
        ),
        "WORTH_BELOW_DEPOSIT": said(
            "A deposit is worth at least itself.", "膨胀金额不得低于定金。"
        ),
        "WORTH_ABOVE_PRICE": said("Not more than the price.", "膨胀金额不得高于预售价。"),
        "FORECAST": said("A forecast comes with its factor.", "预估产量与可售比例需同时填写。"),
        "FORECAST_EXCEEDED": said(
            "More than the forecast harvest allows.", "超过预估产量允许的可售数量。"
        ),
        "WINDOW_NOT_FORWARD": said("This is too early.", "时间先后不正确。"),
        "DEFAULT_RULE": said("Leave it empty: it is the deposit.", "双倍返还定金时无需填写。"),
        "PRICE_NOT_BELOW_LIST": said("Below the ordinary price.", "预售价须低于日常售价。"),
    }

    sku = forms.UUIDField(
        label=said("ID of the SKU", "规格编号"), widget=UnfoldAdminTextInputWidget()
    )
    kind = fields.CodeField(label=said("Kind", "预售方式"), enum=PresaleKind)
    price = fields.YuanField(label=said("Price", "预售价"))
    quantity = fields.CountField(
        label=said("Pieces", "数量"),
        help_text=said("They leave the stock at once.", "设置后立即从可用库存中划出。"),
    )
    per_user_limit = fields.CountField(
        label=said("At most for one person", "每人限购"), required=False
    )
    starts_at = fields.LocalTimeField(label=said("Begins", "开始时间"))
    ends_at = fields.LocalTimeField(label=said("Ends", "结束时间"))
    deposit = fields.YuanField(
        label=said("Deposit", "定金"),
        required=False,
        help_text=said("For one piece.", "每件应付的定金。"),
    )
    deposit_worth = fields.YuanField(
        label=said("The deposit takes off", "定金可抵"),
        required=False,
        help_text=said("Off the price of one piece.", "每件可抵的金额，不低于定金。"),
    )
    balance_from = fields.LocalTimeField(
        label=said("Balance is due from", "尾款开始"), required=False
    )
    balance_until = fields.LocalTimeField(
        label=said("Balance is due until", "尾款截止"), required=False
    )
    ship_from = fields.LocalTimeField(label=said("Ships from", "最早发货"))
    ship_until = fields.LocalTimeField(label=said("Ships until", "最晚发货"))
    forecast = fields.KilogramField(label=said("Forecast harvest", "预估产量"), required=False)
    factor = fields.PercentField(
        label=said("Of it may be sold before", "可预售比例"), required=False
    )
    default_rule = fields.CodeField(
        label=said("If the shop cannot deliver", "商家违约时"), enum=DefaultRule
    )
    compensation = fields.YuanField(
        label=said("Compensation", "赔付金额"),
        required=False,
        allow_zero=True,
        help_text=said(
            "For one piece; empty where the deposit is given back twice.",
            "每件赔付；双倍返还定金时留空。",
        ),
    )

    groups = (
        (said("What", "商品与价格"), ("sku", "kind", ("price", "quantity"), "per_user_limit")),
        (
            said("When it is sold (Beijing time)", "预售时段（北京时间）"),
            (("starts_at", "ends_at"),),
        ),
        (
            said("Deposit and balance, where it is paid in two", "定金与尾款（仅定金预售）"),
            (("deposit", "deposit_worth"), ("balance_from", "balance_until")),
        ),
        (
            said("Harvest and shipping", "产量与发货"),
            (("ship_from", "ship_until"), ("forecast", "factor")),
        ),
        (
            said("If it cannot be delivered", "违约规则"),
            (("default_rule", "compensation"),),
        ),
    )


def _plan(page: ReadPage, request: HttpRequest, row: None, given: dict[str, Any]) -> PresaleTerms:  # noqa: ARG001
    given["compensation_fen"] = given["compensation_fen"] or 0
    draft = planning.Draft(**given)
    shop = goods.shop_of_sku(draft.sku)
    return entry(planning.plan)(shop, draft, actor=page.actor(request), now=timezone.now())


@admin.register(PresaleTerms)
class PresalePage(ReadPage):
    """What is sold before it is there."""

    rows = staticmethod(console.presales_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 70, "event_upcoming"
    called = (said("pre-sale", "预售"), said("pre-sales", "预售"))
    states, machine = PresaleState, PRESALE
    colours = {
        PresaleState.OPEN: figures.GREEN,
        PresaleState.DEFAULTED: figures.RED,
        PresaleState.SETTLED: figures.GREY,
    }
    deeds = (Deed("add", said("New pre-sale", "新建预售"), PlanForm, _plan),)
    list_display = ("goods", "shop_name", "how", "price", "standing", "window", "shipping")
    list_filter = (
        filters.by_code("state", PresaleState, said("State", "状态")),
        filters.by_code("kind", PresaleKind, said("Kind", "预售方式")),
    )
    search_fields = ("activity__sku__product__title__icontains",)
    search_help_text = said("Product", "商品名称")
    fields = (
        "id_outside",
        "goods",
        "shop_name",
        "how",
        "price",
        "deposit",
        "standing",
        "why",
        "pieces_planned",
        "harvest",
        "window",
        "balance",
        "shipping",
        "promise",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("default",)

    def name_of(self, row: PresaleTerms) -> str:
        """Name the pre-sale by its goods."""
        return row.activity.sku.product.title

    @admin.display(description="ID")
    def id_outside(self, row: PresaleTerms) -> str:
        return str(row.activity.reference)

    @admin.display(description=said("Goods", "商品"))
    def goods(self, row: PresaleTerms) -> str:
        return f"{row.activity.sku.product.title} {row.activity.sku.spec}"

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: PresaleTerms) -> str:
        return row.activity.sku.product.shop.name

    @admin.display(description=said("Kind", "预售方式"), ordering="kind")
    def how(self, row: PresaleTerms) -> str:
        return figures.label(PresaleKind, row.kind)

    @admin.display(description=said("Price", "预售价"))
    def price(self, row: PresaleTerms) -> str:
        return figures.yuan(row.activity.price_fen)

    @admin.display(description=said("Deposit, and what it takes off", "定金与可抵金额"))
    def deposit(self, row: PresaleTerms) -> str:
        activity = row.activity
        if activity.deposit_fen is None or activity.deposit_worth_fen is None:
            return figures.NOTHING
        return f"{figures.yuan(activity.deposit_fen)} / {figures.yuan(activity.deposit_worth_fen)}"

    @admin.display(description=said("Why it cannot be delivered", "无法履约原因"))
    def why(self, row: PresaleTerms) -> str:
        return row.default_reason or figures.NOTHING

    @admin.display(description=said("Pieces", "数量"))
    def pieces_planned(self, row: PresaleTerms) -> str:
        return f"{row.pieces:,}"

    @admin.display(description=said("Forecast harvest, of it to be sold", "预估产量与可售比例"))
    def harvest(self, row: PresaleTerms) -> str:
        if row.forecast_g is None or row.factor_bp is None:
            return figures.NOTHING
        return f"{figures.kilograms(row.forecast_g)} · {figures.percent(row.factor_bp)}"

    @admin.display(description=said("Sold", "预售时段"))
    def window(self, row: PresaleTerms) -> SafeString:
        return figures.stretch(row.activity.starts_at, row.activity.ends_at)

    @admin.display(description=said("Balance", "尾款时段"))
    def balance(self, row: PresaleTerms) -> SafeString:
        if row.balance_from is None or row.balance_until is None:
            return SafeString(figures.NOTHING)
        return figures.stretch(row.balance_from, row.balance_until)

    @admin.display(description=said("Ships", "发货时段"), ordering="ship_from")
    def shipping(self, row: PresaleTerms) -> SafeString:
        return figures.stretch(row.ship_from, row.ship_until)

    @admin.display(description=said("If it cannot be delivered", "违约规则"))
    def promise(self, row: PresaleTerms) -> str:
        more = figures.yuan(row.compensation_fen)
        each = chosen(f"{more} a piece", f"每件 {more}")
        return f"{figures.label(DefaultRule, row.default_rule)} · {each}"

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: PresaleTerms) -> SafeString:
        return lives.life(PRESALE, row.pk, PresaleState)

    @admin.action(
        description=said("It cannot be delivered: refund everybody", "无法履约，全部退款")
    )
    def default(self, request: HttpRequest, queryset: QuerySet[PresaleTerms]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(defaulting.declare)(
                row.activity.reference, actor=actor, reason=reason, now=now
            ),
        )


@admin.register(Preorder)
class PreorderPage(ReadPage):
    """Where the orders of pre-sales stand."""

    rows = staticmethod(console.preorders_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 75, "pending_actions"
    called = (said("pre-order", "预售订单"), said("pre-orders", "预售订单"))
    states = PreorderState
    colours = {
        PreorderState.DEPOSIT_PAID: figures.BLUE,
        PreorderState.BALANCE_DUE: figures.AMBER,
        PreorderState.PAID: figures.GREEN,
        PreorderState.TO_SHIP: figures.GREEN,
        PreorderState.FORFEITED: figures.RED,
    }
    list_display = ("number", "presale", "standing", "pieces", "sums", "due")
    list_filter = (filters.by_code("state", PreorderState, said("State", "状态")),)
    search_fields = ("order__number__startswith",)
    search_help_text = said("Order number", "订单号")
    fields = (
        "number",
        "presale",
        "standing",
        "pieces",
        "sums",
        "due",
        "deposit_came",
        "paid",
        "ended",
        "spared",
        "steps",
    )
    ordering = ("-pk",)
    actions = ()

    def name_of(self, row: Preorder) -> str:
        """Name it by its order."""
        return row.order.number

    @admin.display(description=said("Order", "订单号"))
    def number(self, row: Preorder) -> str:
        return row.order.number

    @admin.display(description=said("Pre-sale", "预售"))
    def presale(self, row: Preorder) -> SafeString:
        address = reverse("admin:presales_presaleterms_change", args=[row.terms_id])
        return figures.link(address, row.terms.activity.sku.product.title)

    @admin.display(description=said("Pieces", "数量"))
    def pieces(self, row: Preorder) -> str:
        return str(row.quantity)

    @admin.display(description=said("Deposit + balance", "定金 + 尾款"))
    def sums(self, row: Preorder) -> str:
        order = row.order
        return f"{figures.yuan(order.deposit_fen)} + {figures.yuan(order.balance_fen)}"

    @admin.display(description=said("Pay before", "支付截止"))
    def due(self, row: Preorder) -> str:
        return figures.local_time(row.order.pay_before)

    @admin.display(description=said("Deposit paid", "定金支付时间"))
    def deposit_came(self, row: Preorder) -> str:
        return figures.local_time(row.deposit_at)

    @admin.display(description=said("Paid", "付清时间"))
    def paid(self, row: Preorder) -> str:
        return figures.local_time(row.paid_at)

    @admin.display(description=said("Ended", "结束时间"))
    def ended(self, row: Preorder) -> str:
        return figures.local_time(row.ended_at)

    @admin.display(description=said("On its way when the shop gave up", "违约时已发出"))
    def spared(self, row: Preorder) -> str:
        return figures.local_time(row.spared_at)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Preorder) -> SafeString:
        return lives.life(PREORDER, row.pk, PreorderState)
