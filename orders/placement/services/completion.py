"""The end of a shop order: the buyer says so, or the time to object has passed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance
from core.errors import IllegalTransition, NotFound
from core.outbox.recording import record
from core.pacing import Backoff
from core.transactions import entry, needs_transaction
from orders.placement.domain.states import ORDER, OVER, SHOP_ORDER, ShopOrderState
from orders.placement.events import ShopOrderCompleted
from orders.placement.models import Order, ShopOrder
from orders.placement.services import books

BACKOFF = Backoff(first=timedelta(minutes=1), longest=timedelta(days=1))
ATTEMPTS_MAX = 10

logger = structlog.get_logger(__name__)


@needs_transaction
def receive(*, buyer_id: int, shop_order_reference: UUID, actor: Actor, now: datetime) -> None:
    """Complete a shop order because its buyer has everything and is content.

    Raises:
        NotFound: it is not an order of this buyer.
        IllegalTransition: not everything has been signed for, or it is over.
    """
    mine = ShopOrder.objects.filter(reference=shop_order_reference, order__buyer_id=buyer_id)
    part = mine.values_list("pk", "order_id").first()
    if part is None:
        raise NotFound(subject="shop order")
    shop_order_id, order_id = part
    _lock([order_id])
    if not _complete([shop_order_id], actor=actor, now=now, reason="received by the buyer"):
        raise IllegalTransition(subject=SHOP_ORDER.subject, action="complete")


def complete_due(*, now: datetime, limit: int = 200) -> int:
    """Complete what was signed for so long ago that nobody objects any more; return how many.

    If the set cannot be completed as a whole, each one is tried alone: one that fails backs off
    and at last waits for a person, the others go on.
    """
    due = ShopOrder.objects.filter(state=ShopOrderState.SIGNED, next_attempt_at__lte=now)
    ids = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:limit])
    try:
        return _complete_unobjected(ids, now=now)
    except Exception:
        # Whatever it is, it must not block the others.
        logger.exception("completion_failed", shop_orders=len(ids))
        return sum(_complete_alone(shop_order_id, now=now) for shop_order_id in ids)


@entry
def rerun(shop_order_ids: Sequence[int], *, now: datetime) -> int:
    """Try again to complete what was given up; return how many wait for it now."""
    parked = ShopOrder.objects.filter(
        pk__in=shop_order_ids, state=ShopOrderState.SIGNED, next_attempt_at=None
    )
    return parked.update(next_attempt_at=now, attempts=0)


@entry
def _complete_unobjected(shop_order_ids: Sequence[int], *, now: datetime) -> int:
    rows = ShopOrder.objects.filter(pk__in=shop_order_ids).values_list("pk", "order_id")
    orders = dict(rows)
    # Orders that somebody else is moving at this moment are left for the next time.
    free = set(_lock(set(orders.values()), skip_locked=True))
    ids = [shop_order_id for shop_order_id, order_id in orders.items() if order_id in free]
    return len(_complete(ids, actor=SYSTEM, now=now, reason="nobody objected in time"))


def _complete_alone(shop_order_id: int, *, now: datetime) -> int:
    try:
        return _complete_unobjected([shop_order_id], now=now)
    except Exception:
        # It backs off, and at last waits for a person.
        logger.exception("completion_failed", shop_order=shop_order_id)
        _put_off(shop_order_id, now=now)
        return 0


@entry
def _put_off(shop_order_id: int, *, now: datetime) -> None:
    rows = ShopOrder.objects.filter(pk=shop_order_id, state=ShopOrderState.SIGNED)
    for attempts in rows.values_list("attempts", flat=True):
        later = now + BACKOFF.after(attempts) if attempts + 1 < ATTEMPTS_MAX else None
        rows.update(attempts=attempts + 1, next_attempt_at=later)


def _lock(order_ids: Sequence[int] | set[int], *, skip_locked: bool = False) -> list[int]:
    # Orders before their parts, by id: two parts completing at the same instant see each other.
    rows = Order.objects.select_for_update(no_key=True, skip_locked=skip_locked)
    return list(rows.filter(pk__in=order_ids).order_by("pk").values_list("pk", flat=True))


def _complete(
    shop_order_ids: Sequence[int], *, actor: Actor, now: datetime, reason: str
) -> list[int]:
    rows = ShopOrder.objects.filter(pk__in=shop_order_ids)
    moved = advance(
        rows,
        SHOP_ORDER,
        "complete",
        actor=actor,
        now=now,
        reason=reason,
        completed_at=now,
        next_attempt_at=None,
    )
    if not moved:
        return []
    books.post_completed(moved, now=now, actor=actor)
    parts = ShopOrder.objects.filter(pk__in=moved).select_related("order").order_by("pk")
    told = [ShopOrderCompleted(str(part.order.reference), str(part.reference)) for part in parts]
    _finish({part.order_id for part in parts}, actor=actor, now=now)
    record(*told, now=now)
    return moved


def _finish(order_ids: set[int], *, actor: Actor, now: datetime) -> None:
    open_parts = ShopOrder.objects.filter(order_id__in=order_ids).exclude(state__in=OVER)
    still_open = set(open_parts.values_list("order_id", flat=True))
    rows = Order.objects.filter(pk__in=order_ids - still_open)
    advance(rows, ORDER, "complete", actor=actor, now=now, completed_at=now)
