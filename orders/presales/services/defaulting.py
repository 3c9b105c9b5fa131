"""A shop cannot deliver what it sold before: everybody gets everything back, and what was promised.

The word is given once, in one short transaction. What follows is done order by order by whoever
comes next, as often as somebody is interrupted: unpaid and half-paid orders are called in, and the
sweep that closes overdue ones takes them, which asks the provider first; paid ones are undone here.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import F, Min
from django.db.models.functions import Least

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance, advance_one
from core.errors import NotFound
from core.pacing import Backoff
from core.transactions import entry, needs_transaction
from marketplace.activities.domain.states import LIVE
from marketplace.activities.services import activities
from orders.payments.domain.states import RefundReason
from orders.payments.services import closing
from orders.placement.models import Order
from orders.placement.services import lifecycle
from orders.presales.domain.states import PAID, PRESALE, UNPAID, PresaleState
from orders.presales.models import Preorder, PresaleTerms

AT_ONCE_MAX = 500
LOOK_AGAIN = timedelta(seconds=10)
BACKOFF = Backoff(first=LOOK_AGAIN, longest=timedelta(hours=1))
# What the column holds.
ATTEMPTS_MAX = 30_000

log = structlog.get_logger(__name__)


@needs_transaction
def declare(presale: UUID, *, actor: Actor, reason: str, now: datetime) -> PresaleTerms:
    """Say that a pre-sale cannot be delivered; nothing of it is sold or paid from then on.

    Raises:
        NotFound: there is no such pre-sale.
        IllegalTransition: that was said before.
    """
    rows = PresaleTerms.objects.filter(activity__reference=presale)
    terms_id = rows.values_list("pk", flat=True).first()
    if terms_id is None:
        raise NotFound(subject="pre-sale")
    advance_one(
        PresaleTerms.objects.filter(pk=terms_id),
        PRESALE,
        "default",
        actor=actor,
        now=now,
        reason=reason,
        default_reason=reason,
        defaulted_at=now,
        next_attempt_at=now,
    )
    activity = activities.named(presale)
    if activity.state in LIVE:
        activities.end(activity, actor=actor, now=now, reason=reason)
    return PresaleTerms.objects.select_related("activity__sku__product__shop").get(pk=terms_id)


def settle_due(*, now: datetime) -> int:
    """Go on with the defaults that are not settled; return how many paid orders were undone."""
    due = PresaleTerms.objects.filter(state=PresaleState.DEFAULTED, next_attempt_at__lte=now)
    ids = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:AT_ONCE_MAX])
    return sum(_settle_alone(terms_id, now=now) for terms_id in ids)


def _settle_alone(terms_id: int, *, now: datetime) -> int:
    undone = 0
    try:
        _call_in(terms_id, now=now)
        undone = sum(_undo_alone(order_id, now=now) for order_id in _to_undo(terms_id))
        _settle(terms_id, now=now)
    except Exception:
        # Whatever it is, it must not block the defaults behind it.
        log.exception("default_not_settled", terms=terms_id)
        _look_again(terms_id, now=now)
    return undone


def _to_undo(terms_id: int) -> list[int]:
    rows = Preorder.objects.filter(terms=terms_id, state__in=PAID, spared_at=None)
    # Those that were tried and failed come last.
    return list(rows.order_by("attempts", "pk").values_list("order_id", flat=True)[:AT_ONCE_MAX])


@entry
def _call_in(terms_id: int, *, now: datetime) -> None:
    open_ones = Preorder.objects.filter(terms=terms_id, state__in=UNPAID).values("order")
    lifecycle.call_in_all(Order.objects.filter(pk__in=open_ones, pay_before__gt=now), now=now)


def _undo_alone(order_id: int, *, now: datetime) -> bool:
    try:
        return _undo(order_id, now=now)
    except lifecycle.AlreadyHandedOver:
        # What is on its way can still be had: it goes on as any order.
        _spare(order_id, now=now)
    except Exception:
        # Whatever it is, it must not block the orders behind it.
        log.exception("preorder_not_undone", order=order_id)
        _note_failure(order_id)
    return False


@entry
def _undo(order_id: int, *, now: datetime) -> bool:
    if not closing.undo(order_id, reason=RefundReason.SELLER_DEFAULT, actor=SYSTEM, now=now):
        # Completed meanwhile: the buyer has it.
        _spare_now(order_id, now)
        return False
    return True


@entry
def _spare(order_id: int, *, now: datetime) -> None:
    _spare_now(order_id, now)


def _spare_now(order_id: int, now: datetime) -> None:
    Preorder.objects.filter(order_id=order_id, state__in=PAID).update(spared_at=now)


@entry
def _note_failure(order_id: int) -> None:
    rows = Preorder.objects.filter(order_id=order_id, state__in=PAID)
    rows.update(attempts=Least(F("attempts") + 1, ATTEMPTS_MAX))


@entry
def _settle(terms_id: int, *, now: datetime) -> None:
    left = Preorder.objects.filter(terms=terms_id)
    if left.filter(state__in=UNPAID).exists():
        _look_again_now(terms_id, now + LOOK_AGAIN)
        return
    stuck = left.filter(state__in=PAID, spared_at=None)
    tried = stuck.aggregate(least=Min("attempts"))["least"]
    if tried is not None:
        # Buyers' money is not given up: what fails is tried less and less often, and logged.
        _look_again_now(terms_id, now + BACKOFF.after(max(tried - 1, 0)))
        return
    rows = PresaleTerms.objects.filter(pk=terms_id)
    advance(rows, PRESALE, "settle", actor=SYSTEM, now=now, settled_at=now, next_attempt_at=None)


@entry
def _look_again(terms_id: int, *, now: datetime) -> None:
    _look_again_now(terms_id, now + LOOK_AGAIN)


def _look_again_now(terms_id: int, at: datetime) -> None:
    rows = PresaleTerms.objects.filter(pk=terms_id, state=PresaleState.DEFAULTED)
    rows.update(next_attempt_at=at)
