"""Today at a glance: what waits for whoever opens the console, and how the market does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.console import figures, reach
from core.console.figures import Panel
from core.console.filters import first_instant
from core.console.words import chosen
from core.outbox.figures import open_deliveries
from logistics.parcels.selectors import console as parcels
from marketplace.coupons.admin.budgets import bar_of
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.selectors import console as coupons
from marketplace.coupons.selectors import watched
from orders.payments.selectors import console as payments
from orders.placement.domain.states import OrderState
from orders.placement.selectors import console as orders
from shops.storefronts.selectors import console as shops

BUDGETS_SHOWN = 6
ORDERS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, where it leads, and whether somebody should look: "", "waits" or "alarm"."""

    title: str
    figure: str
    note: str = ""
    link: str = ""
    mood: str = ""


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what this person looks after to the first page of the console."""
    user = request.user
    return context | {
        "title": chosen("Today", "今日概况"),
        "cards": [*_sales(user), *_review(user), *_coupons(user), *_operations(user)],
        "panels": [*_budgets(user), *_orders(user)],
    }


def _sales(user: Any) -> Iterator[Card]:
    found = orders.takings_for(user, first_instant(1, timezone.now()))
    if found is None:
        return
    link = _list("placement_order", "days=1") if reach.holds(user, Role.OPERATOR) else ""
    yield Card(chosen("Orders today", "今日订单"), f"{found.placed:,}", link=link)
    paid = chosen(f"{found.paid:,} paid", f"已付款 {found.paid:,} 单")
    yield Card(chosen("Paid today", "今日收款"), figures.yuan(found.paid_fen), paid, link)


def _review(user: Any) -> Iterator[Card]:
    if reach.holds(user, Role.REVIEWER):
        waiting = shops.waiting_for(user)
        yield Card(
            chosen("Shops waiting for review", "待审核店铺"),
            f"{waiting:,}",
            link=_list("storefronts_shop", "state=IN_REVIEW"),
            mood="waits" if waiting else "",
        )


def _coupons(user: Any) -> Iterator[Card]:
    if reach.holds(user, Role.CAMPAIGN_MANAGER):
        waiting = coupons.batches_for(user).filter(state=BatchState.REVIEW).count()
        yield Card(
            chosen("Coupon batches in review", "待审核优惠券批次"),
            f"{waiting:,}",
            link=_list("coupons_couponbatch", "state=REVIEW"),
            mood="waits" if waiting else "",
        )
        alerts = watched.alerts_for(user, first_instant(1, timezone.now())).count()
        yield Card(
            chosen("Budget alerts today", "今日预算提醒"),
            f"{alerts:,}",
            link=reverse("admin:coupons_couponbudget_changelist"),
            mood="alarm" if alerts else "",
        )


def _operations(user: Any) -> Iterator[Card]:
    money = payments.waiting_for(user)
    if money is None:
        return
    yield Card(
        chosen("Refunds on their way", "处理中的退款"),
        f"{money.refunds:,}",
        chosen(
            f"{figures.yuan(money.refund_fen)}, {money.parked} parked",
            f"{figures.yuan(money.refund_fen)}，其中搁置 {money.parked} 笔",
        ),
        _list("payments_refund", "state=PARKED" if money.parked else "state=REQUESTED"),
        "alarm" if money.parked else "",
    )
    yield Card(
        chosen("Payments held", "冻结的支付"),
        f"{money.held:,}",
        link=_list("payments_payment", "state=QUARANTINED"),
        mood="alarm" if money.held else "",
    )
    owed = open_deliveries(timezone.now())
    yield Card(
        chosen("Parked deliveries", "搁置的事件投递"),
        f"{owed.parked:,}",
        chosen(f"{owed.pending:,} on their way", f"投递中 {owed.pending:,} 项"),
        _list("outbox_delivery", "state=PARKED"),
        "alarm" if owed.parked else "",
    )
    parked = parcels.parked_for(user) or 0
    yield Card(
        chosen("Parked parcels", "搁置的包裹"),
        f"{parked:,}",
        link=_list("parcels_parcel", "parked=yes"),
        mood="alarm" if parked else "",
    )


def _budgets(user: Any) -> Iterator[Panel]:
    rows: list[Any] = list(coupons.budgets_for(user).order_by("-opened_at", "-pk")[:BUDGETS_SHOWN])
    if rows:
        drawn = [
            (
                figures.lines(
                    figures.link(
                        reverse("admin:coupons_couponbudget_change", args=[row.pk]), row.name
                    ),
                    figures.yuan(row.total_fen),
                ),
                bar_of(row),
            )
            for row in rows
        ]
        headings = (chosen("Budget", "预算"), chosen("Use", "使用情况"))
        yield Panel(chosen("Coupon budgets", "优惠券预算"), figures.table(headings, drawn))


def _orders(user: Any) -> Iterator[Panel]:
    rows = orders.newest_for(user, ORDERS_SHOWN)
    if rows:
        drawn = [
            (
                figures.link(reverse("admin:placement_order_change", args=[row.pk]), row.number),
                figures.label(OrderState, row.state),
                figures.yuan(row.payable_fen),
                figures.local_time(row.placed_at),
            )
            for row in rows
        ]
        headings = (
            chosen("Order", "订单号"),
            chosen("State", "状态"),
            chosen("Payable", "应付金额"),
            chosen("Placed", "下单时间"),
        )
        table = figures.table(headings, drawn, figures={2})
        yield Panel(chosen("Newest orders", "最新订单"), table)


def _list(page: str, query: str) -> str:
    return f"{reverse(f'admin:{page}_changelist')}?{query}"
