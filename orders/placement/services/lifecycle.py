"""An order after it was placed and before anything is handed over: paid, cancelled, undone.

All are compare-and-set: of two callers at the same instant one moves the order, the other is told.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest, Least

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import Rows, advance
from core.errors import DomainError
from core.http import logs
from core.outbox.recording import record
from core.postgres.reading import rows_of
from core.quotas.services import drawing
from core.transactions import needs_transaction
from logistics.parcels.services import planning
from marketplace.activities.services import activities, counting
from marketplace.coupons.services import newcomers, redemption, uses
from orders.placement.domain.states import (
    BEFORE_HAND_OVER,
    ORDER,
    SHOP_ORDER,
    OrderState,
    ShopOrderState,
    WaitsFor,
)
from orders.placement.events import OrderPaid
from orders.placement.models import Order, OrderLine, ShopOrder
from orders.placement.services import books, waiting

# Every order has a time to pay, however short.
SOONEST = timedelta(milliseconds=1)
# How the parts of an order move when its money comes.
PAYING = {WaitsFor.NOTHING: "pay", WaitsFor.TEAM: "pay_for_team", WaitsFor.PRESALE: "pay"}


class AlreadyHandedOver(DomainError):
    """Part of this order is already on its way and cannot be cancelled any more."""

    code = "ALREADY_HANDED_OVER"
    zh = "订单中已有商品发出，不能再取消。"


def owner_of(order: Order) -> str:
    """Return the name under which an order holds stock."""
    return f"order:{order.reference}"


@needs_transaction
def mark_paid(
    order_id: int,
    *,
    provider: str,
    now: datetime,
    actor: Actor = SYSTEM,
    paid_at: datetime | None = None,
) -> bool:
    """Take note that the buyer's money is there; return False if the order no longer waits for it.

    The stock held is spent, the coupons are used with their real amounts, the ledger is posted.
    `paid_at` is when the provider took the money, by which hosts judge: an order whose host does
    not count it any more is cancelled, and so is one whose coupon was voided meanwhile.
    """
    # Whoever closes or pays it meanwhile waits: the order comes before its coupons.
    order = _locked(order_id)
    bearings = books.bearings_of(order_id)
    if order.state == OrderState.PENDING_PAYMENT and not _is_good(order, bearings):
        cancel(order_id, actor=SYSTEM, now=now, reason="one of its coupons was voided")
        return False
    if order.waits_for and not waiting.is_admitted(order, paid_at=paid_at or now, now=now):
        # A deposit is at stake: only who has asked about every payment may let it go.
        if order.deposit_paid_at is None:
            cancel(order_id, actor=SYSTEM, now=now, reason="the payment came too late to count")
        return False
    unpaid = Rows(Order, "id", order_id)
    paid: dict[str, Any] = {"paid_at": now, "paid_through": provider, "next_attempt_at": None}
    if order.waits_for != WaitsFor.TEAM:
        paid["sold_at"] = now
    if not advance(unpaid, ORDER, "pay", actor=actor, now=now, **paid):
        return False
    # What waits for nothing more may go at once.
    stamps: dict[str, Any] = {"paid_at": now, "released_at": None if order.waits_for else now}
    action = PAYING[WaitsFor(order.waits_for)]
    _advance_parts(order_id, action, actor=actor, now=now, **stamps)
    logs.bind(order_number=order.number)
    # Stock before coupons is safe here: a coupon locked by this order moves with this order only,
    # so nobody who holds it can wait for our stock; its budgets still come last, by rank.
    drawing.spend(owner=owner_of(order))
    given = [
        uses.Use(
            bearing.coupon_reference,
            bearing.line_reference,
            bearing.funder,
            bearing.amount_fen,
        )
        for bearing in bearings
        if bearing.coupon_reference is not None
    ]
    if given:
        redemption.redeem(str(order.reference), given, now=now)
    newcomers.count_purchase(order.buyer_id)
    books.post_paid(order, bearings, provider=provider, now=now, actor=actor)
    if not order.waits_for:
        record(OrderPaid(str(order.reference)), now=now)
    return True


@needs_transaction
def take_deposit(
    order_id: int, *, provider: str, now: datetime, paid_at: datetime | None = None
) -> bool:
    """Take note that a deposit is there; return False if the order does not wait for it any more.

    The order stays to be paid, now until the end of the balance window. Where no balance is left
    it is paid by this.
    """
    order = _locked(order_id)
    if order.state != OrderState.PENDING_PAYMENT or order.deposit_paid_at is not None:
        return False
    if not waiting.is_admitted(order, paid_at=paid_at or now, now=now):
        cancel(order_id, actor=SYSTEM, now=now, reason="the payment came too late to count")
        return False
    Order.objects.filter(pk=order_id).update(
        deposit_paid_at=now,
        deposit_through=provider,
        pay_before=F("balance_until"),
        next_attempt_at=F("balance_until"),
        attempts=0,
    )
    _advance_parts(order_id, "pay_deposit", actor=SYSTEM, now=now)
    logs.bind(order_number=order.number)
    books.post_deposit(order, provider=provider, now=now)
    if not order.balance_fen:
        mark_paid(order_id, provider=provider, now=now, paid_at=paid_at)
    return True


@needs_transaction
def let_go(order_references: Iterable[str], *, now: datetime) -> None:
    """Let the goods of sold orders go, now that the time has come to send them."""
    references = list(order_references)
    orders = Order.objects.filter(reference__in=references)
    # Safe in any order: whoever undoes one of these locks what its host knows of it first, which
    # the caller has locked.
    ShopOrder.objects.filter(order__in=orders, state=ShopOrderState.PAID, released_at=None).update(
        released_at=now
    )
    record(*map(OrderPaid, references), now=now)


@needs_transaction
def release_to_ship(order_id: int, *, now: datetime, reason: str = "") -> bool:
    """Let a paid order's goods go, now that what it waited for has come; False if it did before.

    From here on it is a sale, and the time to ship runs.
    """
    waiting_orders = Order.objects.filter(pk=order_id, state=OrderState.PAID, sold_at=None)
    if not waiting_orders.update(sold_at=now):
        return False
    _advance_parts(order_id, "release", actor=SYSTEM, now=now, reason=reason, released_at=now)
    order = Order.objects.get(pk=order_id)
    logs.bind(order_number=order.number)
    record(OrderPaid(str(order.reference)), now=now)
    return True


@needs_transaction
def cancel(order_id: int, *, actor: Actor, now: datetime, reason: str = "") -> bool:
    """Give up an unpaid order; return False if it is not unpaid any more.

    Whoever calls this has made sure that the provider will not take money for it any more.
    """
    # A deposit that came meanwhile keeps the order until its balance window is over, or was called
    # in: whoever asked about payments before it came has not asked about the balance.
    unpaid = Order.objects.filter(Q(deposit_paid_at=None) | Q(pay_before__lte=now), pk=order_id)
    stamps: dict[str, Any] = {"cancelled_at": now, "next_attempt_at": None}
    if not advance(unpaid, ORDER, "cancel", actor=actor, now=now, reason=reason, **stamps):
        return False
    order = Order.objects.get(pk=order_id)
    logs.bind(order_number=order.number)
    waiting.give_up(order, now=now)
    _advance_parts(order_id, "cancel", actor=actor, now=now, reason=reason)
    _leave_activities(order, now=now)
    # Stock before coupons is safe here as it is at payment, and what coupons held comes last.
    drawing.release(owner=owner_of(order))
    redemption.unlock(str(order.reference), now=now)
    return True


@needs_transaction
def call_in(order_reference: str, *, now: datetime) -> None:
    """Let the time to pay an order be over: what it was to cost is not true any more."""
    call_in_all(Order.objects.filter(reference=order_reference), now=now)


@needs_transaction
def call_in_all(orders: QuerySet[Order], *, now: datetime) -> int:
    """Let the time to pay be over for all of these that are unpaid; return how many there were."""
    unpaid = orders.filter(state=OrderState.PENDING_PAYMENT)
    over = Least(F("pay_before"), Greatest(F("placed_at") + SOONEST, Value(now)))
    return unpaid.update(pay_before=over, next_attempt_at=now)


@needs_transaction
def close_refunded(order_id: int, *, now: datetime, actor: Actor, reason: str = "") -> bool:
    """Undo a paid order before anything was handed over; return False if it was undone before.

    Parcels are called back, stock and coupons return, the ledger owes the buyer everything. The
    caller owes the refund in the same transaction.

    Raises:
        AlreadyHandedOver: a carrier has part of it; the transaction must unwind.
    """
    paid = Rows(Order, "id", order_id)
    if not advance(paid, ORDER, "close", actor=actor, now=now, reason=reason, closed_at=now):
        return False
    order = Order.objects.get(pk=order_id)
    logs.bind(order_number=order.number)
    waiting.leave(order, now=now)
    _close_parts(order_id, now=now, actor=actor, reason=reason)
    OrderLine.objects.filter(shop_order__order_id=order_id).update(
        refunded_quantity=F("quantity"), refunded_fen=F("paid_fen") + F("freight_fen")
    )
    bearings = books.bearings_of(order_id)
    _leave_activities(order, now=now)
    drawing.give_back(owner=owner_of(order))
    if any(bearing.coupon_reference is not None for bearing in bearings):
        redemption.give_back(str(order.reference), now=now)
    newcomers.uncount_purchase(order.buyer_id)
    books.post_closed(order, bearings, now=now, actor=actor)
    return True


def _locked(order_id: int) -> Order:
    (order,) = rows_of(Order, "WHERE id = %s FOR NO KEY UPDATE", [order_id])
    return order


def _is_good(order: Order, bearings: Sequence[books.Bearing]) -> bool:
    coupons = {bearing.coupon_reference for bearing in bearings if bearing.coupon_reference}
    return not coupons or redemption.is_good_for(str(order.reference), coupons)


def _leave_activities(order: Order, *, now: datetime) -> None:
    """Count a buyer's pieces no more; those of an activity that has ended go back to the stock."""
    lines = OrderLine.objects.filter(
        shop_order__order_id=order.pk, activity_reference__isnull=False
    ).values_list("activity_reference", "quantity")
    pieces = {str(reference): quantity for reference, quantity in lines}
    if pieces:
        counting.uncount(order.buyer_id, pieces)
        activities.note_returned(list(pieces), now=now)


def _close_parts(order_id: int, *, now: datetime, actor: Actor, reason: str) -> None:
    parts = dict(
        ShopOrder.objects.select_for_update()
        .filter(order_id=order_id)
        .order_by("pk")
        .values_list("reference", "state")
    )
    for reference, state in parts.items():
        if state not in BEFORE_HAND_OVER or not planning.cancel(str(reference), now=now):
            raise AlreadyHandedOver
    _advance_parts(order_id, "close", actor=actor, now=now, reason=reason, closed_at=now)


def _advance_parts(
    order_id: int,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **stamps: Any,
) -> None:
    parts = Rows(ShopOrder, "order_id", order_id)
    advance(parts, SHOP_ORDER, action, actor=actor, now=now, reason=reason, **stamps)
