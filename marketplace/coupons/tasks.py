"""What workers do for coupons by the clock."""

from celery import shared_task
from django.utils import timezone

from core.pacing import work_off
from marketplace.coupons.services import burning, codes, days, expiring, refusals, voiding


@shared_task(queue="deadlines")
def expire_coupons() -> None:
    """Expire coupons that have run out, set after set."""
    work_off(lambda: expiring.expire_due(timezone.now()), at_once=expiring.AT_ONCE_MAX)


@shared_task(queue="campaigns")
def open_budget_days() -> None:
    """Open the days of capped budgets before anybody needs them."""
    days.open_ahead(now=timezone.now())


@shared_task(queue="bulk")
def write_codes() -> None:
    """Make the codes that somebody waits for."""
    codes.write_due(now=timezone.now())


@shared_task(queue="deadlines")
def void_coupons() -> None:
    """Void the coupons of batches that were voided, set after set."""
    work_off(lambda: voiding.void_due(timezone.now()), at_once=voiding.AT_ONCE_MAX)


@shared_task(queue="campaigns")
def watch_budgets() -> None:
    """Read how budgets and batches go, and raise what somebody should look at."""
    burning.watch(now=timezone.now())


@shared_task(queue="campaigns")
def fold_refusals() -> None:
    """Write down how many claims were refused, and why."""
    refusals.fold(now=timezone.now())
