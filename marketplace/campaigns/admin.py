"""Coupon budgets and batches in the console, with live figures as bars."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import fields, figures, filters, lives
from core.console.figures import Part
from core.console.forms import ConsoleForm, Deed
from core.console.groups import Group
from core.console.pages import ADD, ReadPage
from core.console.places import RegionsField
from core.console.words import chosen, said
from core.money import BASIS_POINTS
from core.transactions import entry
from marketplace.campaigns.domain.drafts import Draft, WantedFunding, WantedScope
from marketplace.campaigns.domain.kinds import BUDGETED, CouponKind, Funder, Issuer
from marketplace.campaigns.domain.states import BATCH_LIFE, BatchState
from marketplace.campaigns.models import CouponBatch, CouponBudget
from marketplace.campaigns.selectors import console
from marketplace.campaigns.services import batches, budgets, deciding, editing

_OPTIONAL = {"required": False}


class BudgetForm(ConsoleForm):
    """Money for coupons."""

    name = fields.LineField(label=said("Name", "名称"), max_length=80)
    funder = fields.CodeField(label=said("Funder", "出资方"), enum=Funder, only=BUDGETED)
    organisation = fields.LineField(label=said("Organisation", "机构"), max_length=80, **_OPTIONAL)
    total_fen = fields.YuanField(label=said("Total", "总额"))


class RaiseForm(ConsoleForm):
    """A larger total."""

    total_fen = fields.YuanField(label=said("New total", "新的总额"))


class BatchForm(ConsoleForm):
    """A platform's batch; the share that no budget bears is borne by shops that accept."""

    name = fields.LineField(label=said("Name", "名称"), max_length=80)
    kind = fields.CodeField(label=said("Kind", "类型"), enum=CouponKind)
    threshold_fen = fields.YuanField(label=said("From an amount of", "满额"), **_OPTIONAL)
    threshold_pieces = fields.CountField(label=said("From pieces", "满件"), **_OPTIONAL)
    amount_fen = fields.YuanField(label=said("Money off", "减"), **_OPTIONAL)
    discount_bp = fields.PercentField(label=said("Percent off", "折扣幅度"), **_OPTIONAL)
    max_discount_fen = fields.YuanField(label=said("At most", "最多优惠"), **_OPTIONAL)
    quantity = fields.CountField(label=said("Pieces", "张数"), largest=100_000_000)
    per_user_limit = fields.CountField(label=said("A person may have", "每人限领"), largest=10_000)
    claim_from = fields.LocalTimeField(label=said("Claims from", "领取开始"))
    claim_until = fields.LocalTimeField(label=said("Claims until", "领取截止"))
    use_from = fields.LocalTimeField(label=said("Use from", "使用开始"), **_OPTIONAL)
    use_until = fields.LocalTimeField(label=said("Use until", "使用截止"), **_OPTIONAL)
    days_after_claim = fields.CountField(
        label=said("Days after the claim", "领取后天数"), largest=3_650, **_OPTIONAL
    )
    budget = fields.PickField(
        label=said("Budget", "预算"), offered=console.budget_choices, **_OPTIONAL
    )
    share = fields.PercentField(label=said("It bears", "预算承担"), allow_zero=True)
    sections = fields.ListField(label=said("Sections (slugs)", "专区（标识）"))
    regions = RegionsField(label=said("Origins (codes or names)", "产地（代码或名称）"))
    programmes = fields.ListField(label=said("Programmes (slugs)", "帮扶项目（标识）"))
    categories = fields.ListField(label=said("Categories (slugs)", "品类（标识）"))

    places = {
        "/funding": "budget",
        **{f"/scope/{name}": name for name in ("sections", "regions", "programmes", "categories")},
    }


class GrowthForm(ConsoleForm):
    """More pieces, later ends."""

    quantity = fields.CountField(label=said("Pieces", "张数"), largest=100_000_000)
    claim_until = fields.LocalTimeField(label=said("Claims until", "领取截止"))
    use_until = fields.LocalTimeField(label=said("Use until", "使用截止"), **_OPTIONAL)


def _open_budget(page: Any, request: HttpRequest, row: Any, typed: dict[str, Any]) -> Any:  # noqa: ARG001
    return entry(budgets.open_budget)(**typed, actor=page.actor(request), now=timezone.now())


def _raise_total(page: Any, request: HttpRequest, row: Any, typed: dict[str, Any]) -> Any:  # noqa: ARG001
    return entry(budgets.raise_total)(row.reference, total_fen=typed["total_fen"])


def _draft(page: Any, request: HttpRequest, row: Any, typed: dict[str, Any]) -> Any:  # noqa: ARG001
    facts = dict(typed)
    budget, share = facts.pop("budget"), facts.pop("share")
    scope = {name: facts.pop(name) for name in ("sections", "regions", "programmes", "categories")}
    wanted = Draft(
        **facts,
        issuer=Issuer.PLATFORM,
        scope=WantedScope(**scope),
        funding=_funding(budget, share),
    )
    return entry(batches.draft)(wanted, actor=page.actor(request), now=timezone.now())


def _funding(budget: str, bp: int) -> tuple[WantedFunding, ...]:
    parts = [WantedFunding(Funder.SHOP, BASIS_POINTS - bp)] if bp < BASIS_POINTS else []
    if bp:
        # Without a budget the rules refuse it as they refuse anybody.
        funder, reference = console.payer_of(budget) if budget else (Funder.PLATFORM.value, None)
        parts.insert(0, WantedFunding(funder, bp, reference))
    return tuple(parts)


def _grow(page: Any, request: HttpRequest, row: Any, typed: dict[str, Any]) -> Any:  # noqa: ARG001
    return entry(editing.edit)(row.reference, typed)


def _growth_of(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("quantity", "claim_until", "use_until")}


@admin.register(CouponBudget)
class BudgetPage(ReadPage):
    """Budgets and what became of their money."""

    rows = staticmethod(console.budgets_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 20, "account_balance_wallet"
    called = (said("budget", "优惠券预算"), said("coupon budgets", "优惠券预算"))
    list_display = ("budget_name", "payer", "total", "money")
    list_filter = (filters.by_code("funder", Funder, said("Funder", "出资方")),)
    search_fields = ("name", "organisation")
    fields = ("budget_name", "payer", "total", "money")
    ordering = ("-opened_at", "-pk")
    deeds = (
        Deed(ADD, said("Open a budget", "新建预算"), BudgetForm, _open_budget),
        Deed("raise", said("Raise the total", "追加预算"), RaiseForm, _raise_total),
    )

    @admin.display(description=said("Name", "名称"), ordering="name")
    def budget_name(self, row: CouponBudget) -> str:
        return row.name

    @admin.display(description=said("Funder", "出资方"), ordering="funder")
    def payer(self, row: CouponBudget) -> str:
        return " ".join([figures.label(Funder, row.funder), row.organisation]).strip()

    @admin.display(description=said("Total", "总额"))
    def total(self, row: Any) -> str:
        return figures.yuan(row.total_fen)

    @admin.display(description=said("Money", "使用情况"))
    def money(self, row: Any) -> SafeString:
        free_fen = row.total_fen - row.reserved_fen - row.spent_fen
        spent = chosen(
            f"spent {figures.yuan(row.spent_fen)}", f"已用 {figures.yuan(row.spent_fen)}"
        )
        held = figures.yuan(row.reserved_fen)
        free = figures.yuan(free_fen)
        return figures.bar(
            [
                Part(row.spent_fen, figures.GREEN, chosen(f"spent {spent}", f"已用 {spent}")),
                Part(row.reserved_fen, figures.AMBER, chosen(f"reserved {held}", f"已锁定 {held}")),
                Part(free_fen, figures.GREY, chosen(f"available {free}", f"可用 {free}")),
            ],
            row.total_fen,
        )


@admin.register(CouponBatch)
class BatchPage(ReadPage):
    """Batches, how far they have come, and every step of their lives."""

    rows = staticmethod(console.batches_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 10, "confirmation_number"
    called = (said("coupon batch", "优惠券批次"), said("coupon batches", "优惠券批次"))
    states, machine = BatchState, BATCH_LIFE
    colours = {
        BatchState.REVIEW: figures.AMBER,
        BatchState.ACTIVE: figures.GREEN,
        BatchState.PAUSED: figures.AMBER,
        BatchState.REJECTED: figures.RED,
    }
    list_display = ("batch_name", "issued_by", "takes_off", "standing", "pieces", "claims")
    list_filter = (
        filters.by_code("state", BatchState, said("State", "状态")),
        filters.by_code("issuer", Issuer, said("Issuer", "发券方")),
    )
    search_fields = ("name",)
    fields = (*list_display, "validity", "paid_by", "steps")
    ordering = ("-created_at", "-pk")
    actions = deciding.ACTIONS
    deeds = (
        Deed(ADD, said("Draft a batch", "新建批次"), BatchForm, _draft),
        Deed("grow", said("More pieces, later ends", "加量或延期"), GrowthForm, _grow, _growth_of),
    )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """Offer every step of the life; the service says which of them can be taken."""
        return {action: (_step, action, title) for action, title in _TITLES.items()}

    @admin.display(description=said("Name", "名称"), ordering="name")
    def batch_name(self, row: CouponBatch) -> str:
        return row.name

    @admin.display(description=said("Issuer", "发券方"), ordering="issuer")
    def issued_by(self, row: CouponBatch) -> str:
        return row.issuer_shop.name if row.issuer_shop else figures.label(Issuer, row.issuer)

    @admin.display(description=said("Takes off", "优惠"))
    def takes_off(self, row: CouponBatch) -> str:
        words = [figures.label(CouponKind, row.kind)]
        if row.threshold_fen or row.threshold_pieces:
            yuan = figures.yuan(row.threshold_fen or 0)
            words.append(f"≥ {yuan if row.threshold_fen else row.threshold_pieces}")
        if row.discount_bp:
            words += [figures.percent(row.discount_bp), "≤"]
        return " ".join([*words, figures.yuan(row.amount_fen or row.max_discount_fen or 0)])

    @admin.display(description=said("Pieces", "张数"))
    def pieces(self, row: Any) -> SafeString:
        used, claimed, whole = f"{row.used:,}", f"{row.claimed:,}", f"{row.quantity:,}"
        return figures.bar(
            [
                Part(row.used, figures.GREEN, chosen(f"used {used}", f"已用 {used}")),
                Part(
                    row.claimed - row.used,
                    figures.AMBER,
                    chosen(f"claimed {claimed} of {whole}", f"已领 {claimed} / {whole}"),
                ),
            ],
            row.quantity,
        )

    @admin.display(description=said("Claims", "领取时间"), ordering="claim_until")
    def claims(self, row: CouponBatch) -> str:
        return f"{figures.local_time(row.claim_from)} – {figures.local_time(row.claim_until)}"

    @admin.display(description=said("Use", "使用时间"))
    def validity(self, row: CouponBatch) -> str:
        days = f"{row.days_after_claim} × 24 h" if row.days_after_claim else ""
        ends = figures.local_time(row.use_until) if row.use_until else ""
        return " · ".join(part for part in (days, ends) if part)

    @admin.display(description=said("Paid by", "出资比例"))
    def paid_by(self, row: CouponBatch) -> str:
        return " · ".join(
            f"{figures.label(Funder, part.funder)} {figures.percent(part.bp)}"
            for part in row.funding.all()
        )

    @admin.display(description=said("History", "操作记录"))
    def steps(self, row: CouponBatch) -> SafeString:
        return lives.life(BATCH_LIFE, row.pk, BatchState)


_TITLES = {
    "submit": said("Submit", "提交审核"),
    "approve": said("Approve", "通过"),
    "reject": said("Reject", "驳回"),
    "pause": said("Pause claims", "暂停领取"),
    "resume": said("Resume claims", "恢复领取"),
    "end": said("End", "结束"),
    "close": said("Close", "关闭"),
}


def _step(page: BatchPage, request: HttpRequest, picked: QuerySet[CouponBatch]) -> None:
    actor, now, reason = page.actor(request), timezone.now(), page.reason(request)
    action = request.POST["action"]
    page.carry_out(
        request,
        picked,
        lambda row: entry(deciding.decide)(
            row.reference, action, actor=actor, now=now, reason=reason
        ),
    )
