"""How budgets and batches went so far: readings, refusals and alerts, as people look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from core.accounts.domain.roles import Role
from core.console import reach
from marketplace.coupons.models import BudgetAlert, ClaimRefusal, CouponBatch, CouponBudget

# However long a campaign runs, a curve has no more points than these, and the newest one.
POINTS_MAX = 200
ALERTS_SHOWN = 50
_THINNED = """
    SELECT {columns} FROM (
        SELECT *, row_number() OVER (ORDER BY at) AS place, count(*) OVER () AS readings
        FROM {table} WHERE {column} = %s) AS one
    WHERE place = readings OR (place - 1) %% greatest(1, (readings + %s - 1) / %s) = 0
    ORDER BY at
"""


@dataclass(frozen=True, slots=True)
class BudgetPoint:
    """How a budget stood at an instant."""

    at: datetime
    total_fen: int
    held_fen: int
    spent_fen: int

    @property
    def left_fen(self) -> int:
        """Return what claims could still take."""
        return self.total_fen - self.held_fen - self.spent_fen


@dataclass(frozen=True, slots=True)
class BatchPoint:
    """How many coupons of a batch were claimed and used at an instant."""

    at: datetime
    claimed: int
    used: int


def burn_of(row: Any, now: datetime) -> list[BudgetPoint]:
    """Return how a budget went, down to now; the row carries its figures."""
    named = ("coupons_budgetreading", "budget_id", "at, total_fen, held_fen, spent_fen")
    points = [BudgetPoint(*facts) for facts in _thinned(*named, row.pk)]
    return [*points, BudgetPoint(now, row.total_fen, row.reserved_fen, row.spent_fen)]


def course_of(row: Any, now: datetime) -> list[BatchPoint]:
    """Return how a batch was claimed and used, down to now; the row carries its figures."""
    points = [
        BatchPoint(*facts)
        for facts in _thinned("coupons_batchreading", "batch_id", "at, claimed, used", row.pk)
    ]
    return [*points, BatchPoint(now, row.claimed, row.used)]


def refused_of(batch: CouponBatch, today: date) -> Sequence[tuple[str, int, int]]:
    """Return why claims of a batch were refused: the code, how often, and how often today."""
    rows = ClaimRefusal.objects.filter(batch=batch)
    of_today = dict(rows.filter(day=today).values_list("code", "refused"))
    ever = rows.values("code").annotate(ever=Sum("refused")).order_by("-ever", "code")
    return [
        (code, refused, of_today.get(code, 0)) for code, refused in ever.values_list("code", "ever")
    ]


def alerts_of(budget: CouponBudget) -> list[BudgetAlert]:
    """Return what somebody was told about a budget, newest first."""
    rows = BudgetAlert.objects.filter(budget=budget).order_by("-raised_at", "-id")
    return list(rows[:ALERTS_SHOWN])


def alerts_for(user: Any, since: datetime) -> QuerySet[BudgetAlert]:
    """Return what a campaign manager was told since an instant; nothing for everybody else."""
    rows = BudgetAlert.objects.filter(raised_at__gte=since)
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def _thinned(table: str, column: str, columns: str, key: int) -> list[tuple[Any, ...]]:
    statement = _THINNED.format(table=table, column=column, columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(statement, [key, POINTS_MAX, POINTS_MAX])
        return list(cursor.fetchall())
