"""Coupon budgets: opened, raised, and watched."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters
from core.console.forms import Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.transactions import entry
from marketplace.coupons.admin import forms, taking, watching
from marketplace.coupons.domain.kinds import Funder
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.models import CouponBudget
from marketplace.coupons.selectors import console
from marketplace.coupons.services import budgets


def _open(page: ReadPage, request: HttpRequest, row: None, given: dict[str, Any]) -> CouponBudget:  # noqa: ARG001
    return entry(budgets.open_budget)(**given, actor=page.actor(request), now=timezone.now())


def _raise(
    page: ReadPage,  # noqa: ARG001
    request: HttpRequest,  # noqa: ARG001
    row: CouponBudget,
    given: dict[str, Any],
) -> CouponBudget:
    changes = {name: given[name] for name, before in _present(row).items() if given[name] != before}
    return entry(budgets.grow)(row.reference, changes, now=timezone.now())


def _present(row: Any) -> dict[str, Any]:
    return {"total_fen": row.total_fen, "daily_cap_fen": row.daily_cap_fen}


@admin.register(CouponBudget)
class BudgetPage(ReadPage):
    """Money for coupons, with what of it is left."""

    rows = staticmethod(console.budgets_for)
    roles = (Role.CAMPAIGN_MANAGER, Role.FUNDER)
    # Funders look at their money; campaign managers open and raise it.
    doers = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 10, "savings"
    called = (said("coupon budget", "优惠券预算"), said("coupon budgets", "优惠券预算"))
    deeds = (
        Deed("add", said("New budget", "新建预算"), forms.BudgetForm, _open),
        Deed("raise", said("Add money", "追加预算"), forms.RaiseForm, _raise, _present),
    )
    sights = taking.OF_BUDGETS
    list_display = ("title", "payer", "total", "use", "opened")
    list_filter = (filters.by_code("funder", Funder, said("Funder", "出资方")),)
    search_fields = ("name", "organisation__name")
    fields = (
        *("title", "payer", "total", "use", "cap", "burn", "alerts", "batches"),
        *("opened", "opener", "id_outside"),
    )
    ordering = ("-pk",)

    @admin.display(description=said("Name", "名称"), ordering="name")
    def title(self, row: CouponBudget) -> str:
        return row.name

    @admin.display(description=said("Funder", "出资方"), ordering="funder")
    def payer(self, row: CouponBudget) -> str:
        funder = figures.label(Funder, row.funder)
        return f"{funder} · {row.organisation.name}" if row.organisation else funder

    @admin.display(description=said("Total", "预算总额"))
    def total(self, row: Any) -> str:
        return figures.yuan(row.total_fen)

    @admin.display(description=said("Available, reserved, spent", "可用、锁定与已核销"))
    def use(self, row: Any) -> SafeString:
        return bar_of(row)

    @admin.display(description=said("Daily cap", "每日上限"))
    def cap(self, row: CouponBudget) -> str:
        return figures.NOTHING if row.daily_cap_fen is None else figures.yuan(row.daily_cap_fen)

    @admin.display(description=said("How it goes", "使用走势"))
    def burn(self, row: CouponBudget) -> SafeString:
        return watching.burn_of(row)

    @admin.display(description=said("Alerts", "提醒"))
    def alerts(self, row: CouponBudget) -> SafeString:
        return watching.alerts_of(row)

    @admin.display(description=said("Opened", "建立时间"), ordering="opened_at")
    def opened(self, row: CouponBudget) -> str:
        return figures.local_time(row.opened_at)

    @admin.display(description=said("Opened by", "建立人"))
    def opener(self, row: CouponBudget) -> str:
        return str(row.opened_by) if row.opened_by else figures.NOTHING

    @admin.display(description="ID")
    def id_outside(self, row: CouponBudget) -> str:
        return str(row.reference)

    @admin.display(description=said("Pays for", "支付的批次"))
    def batches(self, row: CouponBudget) -> SafeString:
        headings = (chosen("Batch", "批次"), chosen("Share", "分担比例"), chosen("State", "状态"))
        return figures.table(
            headings,
            [
                (
                    figures.link(
                        reverse("admin:coupons_couponbatch_change", args=[part.batch_id]),
                        part.batch.name,
                    ),
                    figures.percent(part.bp),
                    figures.label(BatchState, part.batch.state),
                )
                for part in console.paid_from(row)
            ],
            figures={1},
        )


def bar_of(row: Any) -> SafeString:
    """Draw what of a budget is spent, reserved and available; the row carries its figures."""
    free_fen = row.total_fen - row.reserved_fen - row.spent_fen
    parts = (
        figures.Part(
            row.spent_fen, figures.GREEN, chosen("spent ", "已核销 ") + figures.yuan(row.spent_fen)
        ),
        figures.Part(
            row.reserved_fen,
            figures.AMBER,
            chosen("reserved ", "锁定 ") + figures.yuan(row.reserved_fen),
        ),
        figures.Part(free_fen, "empty", chosen("available ", "可用 ") + figures.yuan(free_fen)),
    )
    return figures.bar(parts, row.total_fen)
