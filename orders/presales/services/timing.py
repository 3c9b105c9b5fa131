"""What comes by the clock: balances fall due, and paid orders go when their time has come.

Both are judged by their instants elsewhere: a late sweep is in nobody's way.
"""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.transactions import entry
from orders.placement.services import lifecycle
from orders.presales.domain.states import PREORDER, PreorderState, PresaleState
from orders.presales.models import Preorder

AT_ONCE_MAX = 1_000


def keep_time(*, now: datetime) -> int:
    """Open the balances and release the goods that are due; return how many moved."""
    return _all(_open_balances, now) + _all(_release, now)


def _all(step: Callable[..., int], now: datetime) -> int:
    moved = 0
    while found := step(now=now):
        moved += found
        if found < AT_ONCE_MAX:
            break
    return moved


@entry
def _open_balances(*, now: datetime) -> int:
    rows = _due(PreorderState.DEPOSIT_PAID, now)
    return len(advance(rows, PREORDER, "open_balance", actor=SYSTEM, now=now, next_attempt_at=None))


@entry
def _release(*, now: datetime) -> int:
    rows = _due(PreorderState.PAID, now)
    moved = advance(rows, PREORDER, "release", actor=SYSTEM, now=now, next_attempt_at=None)
    orders = Preorder.objects.filter(pk__in=moved).order_by("pk")
    references = orders.values_list("order__reference", flat=True)
    lifecycle.let_go([str(reference) for reference in references], now=now)
    return len(moved)


def _due(state: PreorderState, now: datetime) -> QuerySet[Preorder]:
    # What the shop cannot deliver is settled by who settles defaults.
    found = (
        Preorder.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(state=state, next_attempt_at__lte=now, terms__state=PresaleState.OPEN)
        .order_by("next_attempt_at", "pk")
        .values_list("pk", flat=True)[:AT_ONCE_MAX]
    )
    return Preorder.objects.filter(pk__in=list(found))
