"""The days of capped budgets: each a quota of its own, opened ahead or when it is first needed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from core import periods
from core.quotas.models import Kind
from core.quotas.services import opening
from core.transactions import entry, needs_transaction
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.models import BudgetDay, CouponBudget

# A large sum is drawn on by many at once: it is spread over this many shards.
SHARDS = 16
LARGE_FEN = 1_000_000
AT_ONCE_MAX = 200


def shards_of(total_fen: int) -> int:
    """Return over how many shards a sum of money is spread."""
    return SHARDS if total_fen >= LARGE_FEN else 1


@needs_transaction
def quota_of(budget_id: int, day: date) -> int | None:
    """Return the quota of a budget's day, a new one on first need; None where nothing caps it.

    Two people who need a day that nobody has opened wait for one another at the budget's row.
    """
    budget = CouponBudget.objects.select_for_update(of=("self",), no_key=True).get(pk=budget_id)
    if budget.daily_cap_fen is None:
        return None
    _open([budget], day)
    return BudgetDay.objects.values_list("quota_id", flat=True).get(budget=budget, day=day)


@entry
def open_ahead(now: datetime, limit: int = AT_ONCE_MAX) -> int:
    """Open today and tomorrow of the capped budgets that running batches draw on; return how many.

    Nobody depends on it: a day that is not open is opened by whoever needs it first.
    """
    today = periods.local_day(now)
    return sum(_open_for_all(day, limit) for day in (today, today + timedelta(days=1)))


@needs_transaction
def raise_cap(budget: CouponBudget, cap_fen: int, *, today: date) -> None:
    """Let every day from today on commit more of a budget; its caller has locked it."""
    more = cap_fen - (budget.daily_cap_fen or 0)
    days = BudgetDay.objects.filter(budget=budget, day__gte=today).order_by("quota_id")
    for quota_id in days.values_list("quota_id", flat=True):
        opening.top_up(quota_id, more)
        if shards_of(budget.daily_cap_fen or 0) < shards_of(cap_fen):
            opening.split(quota_id, SHARDS)
    CouponBudget.objects.filter(pk=budget.pk).update(daily_cap_fen=cap_fen)


def _open_for_all(day: date, limit: int) -> int:
    capped = CouponBudget.objects.filter(
        daily_cap_fen__isnull=False, funds__batch__state=BatchState.ACTIVE
    ).exclude(days__day=day)
    ids = list(capped.order_by("pk").values_list("pk", flat=True).distinct()[:limit])
    # Locked in order: whoever raises a cap waits here, and everybody sees the days of the others.
    budgets = CouponBudget.objects.select_for_update(of=("self",), no_key=True)
    return _open(budgets.filter(pk__in=ids).order_by("pk"), day)


def _open(budgets: Iterable[CouponBudget], day: date) -> int:
    wanted = {
        budget.pk: budget.daily_cap_fen for budget in budgets if budget.daily_cap_fen is not None
    }
    known = BudgetDay.objects.filter(budget__in=wanted, day=day).values_list("budget_id", flat=True)
    missing = sorted(wanted.keys() - set(known))
    openings = [
        opening.Opening(Kind.BUDGET, wanted[budget_id], shards_of(wanted[budget_id]))
        for budget_id in missing
    ]
    BudgetDay.objects.bulk_create(
        BudgetDay(budget_id=budget_id, day=day, quota_id=quota_id)
        for budget_id, quota_id in zip(missing, opening.open_many(openings), strict=True)
    )
    return len(missing)
