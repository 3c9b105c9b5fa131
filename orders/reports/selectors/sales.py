"""What was sold from where, read from the facts that order lines froze (`domain.md` 2.16)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Q, QuerySet, Sum

from core.accounts.selectors import roles
from core.periods import SHANGHAI
from core.regions.selectors import divisions
from marketplace.coupons.models import CouponBudget
from orders.placement.models import LineDiscount, OrderLine


@dataclass(frozen=True, slots=True)
class Days:
    """Days of sale, as people in China date them: from the first, up to before the last."""

    first: date
    before: date

    def start(self) -> datetime:
        """Return the instant at which the first day begins."""
        return datetime.combine(self.first, time(), SHANGHAI)

    def end(self) -> datetime:
        """Return the instant at which the period is over."""
        return datetime.combine(self.before, time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold: how often, for how much, how heavy; refunded units are taken out of net."""

    orders: int
    shop_orders: int
    pieces: int
    sale_fen: int
    paid_fen: int
    refund_fen: int
    net_weight_g: int

    @property
    def net_fen(self) -> int:
        """Return what buyers paid for what they kept."""
        return self.paid_fen - self.refund_fen


@dataclass(frozen=True, slots=True)
class CountySales:
    """What one county sold."""

    code: str
    name: str
    sales: Sales


@dataclass(frozen=True, slots=True)
class BudgetSpent:
    """What one budget gave to what was sold and not undone."""

    reference: str
    name: str
    funder: str
    spent_fen: int


def by_county(days: Days, scope: Sequence[str] | None) -> list[CountySales]:
    """Return the sales of each county of origin, the largest first."""
    rows: Iterable[Any] = (
        lines_of(days, scope)
        .values("origin_county")
        .annotate(**figures())
        .order_by("origin_county")
    )
    found = [(str(row["origin_county"]), sales_of(row)) for row in rows]
    found.sort(key=lambda county: -county[1].paid_fen)
    names = divisions.names([code for code, _ in found])
    return [CountySales(code, names.get(code, code), sales) for code, sales in found]


def total(days: Days, scope: Sequence[str] | None) -> Sales:
    """Return the sales of all counties: one order over several counties counts once here."""
    return sales_of(lines_of(days, scope).aggregate(**figures()))


def budgets_spent(days: Days, scope: Sequence[str] | None) -> list[BudgetSpent]:
    """Return what each budget spent on these sales, the largest first; what was undone is out."""
    rows = (
        LineDiscount.objects.filter(
            line__in=lines_of(days, scope).filter(refunded_quantity__lt=F("quantity")),
            budget_reference__isnull=False,
        )
        .values("budget_reference", "funder")
        .annotate(spent_fen=Sum("amount_fen"))
        .order_by("-spent_fen", "budget_reference")
    )
    found = [(str(row["budget_reference"]), row) for row in rows]
    budgets = CouponBudget.objects.filter(reference__in=[reference for reference, _ in found])
    names = {str(budget.reference): budget.name for budget in budgets}
    return [
        BudgetSpent(
            reference=reference,
            name=names.get(reference, ""),
            funder=row["funder"],
            spent_fen=row["spent_fen"],
        )
        for reference, row in found
    ]


def lines_of(days: Days, scope: Sequence[str] | None) -> QuerySet[OrderLine]:
    """Return the lines that were paid in some days and come from below some regions."""
    rows = OrderLine.objects.filter(
        shop_order__order__sold_at__gte=days.start(), shop_order__order__sold_at__lt=days.end()
    )
    if scope is None:
        return rows
    below = Q(pk__in=[])
    for region in scope:
        below |= Q(origin_county__startswith=roles.prefix_of(region))
    return rows.filter(below)


def figures() -> dict[str, Any]:
    """Return what is summed up of lines, for `annotate` and `aggregate`; `sales_of` reads it."""
    return {
        "orders": Count("shop_order__order", distinct=True),
        "shop_orders": Count("shop_order", distinct=True),
        "pieces": Sum(F("quantity") - F("refunded_quantity"), default=0),
        "sale": Sum("sale_fen", default=0),
        "paid": Sum("paid_fen", default=0),
        "refund": Sum(_refunded("paid_fen"), default=0),
        "weight": Sum(F("net_weight_g") - _refunded("net_weight_g"), default=0),
    }


def sales_of(row: dict[str, Any]) -> Sales:
    """Return the figures of a row that was summed up by `figures`."""
    return Sales(
        orders=row["orders"],
        shop_orders=row["shop_orders"],
        pieces=int(row["pieces"]),
        sale_fen=int(row["sale"]),
        paid_fen=int(row["paid"]),
        refund_fen=int(row["refund"]),
        net_weight_g=int(row["weight"]),
    )


def _refunded(column: str) -> ExpressionWrapper:
    # Integer division floors: the cumulative formula of `core.money`.
    part = F(column) * F("refunded_quantity") / F("quantity")
    return ExpressionWrapper(part, output_field=BigIntegerField())
