"""What we do about what happened; and the say of teams in the orders that wait for them."""

from datetime import datetime

from core.outbox.deliveries import settle
from core.transactions import entry
from orders.groupbuys.services import following, seats
from orders.placement.domain.states import WaitsFor
from orders.placement.services import waiting

waiting.attend(WaitsFor.TEAM, seats)


@entry
def on_seat_won(*, delivery_id: int, now: datetime) -> None:
    """Release the order of a team that succeeded."""
    if told := settle(delivery_id, now=now):
        following.release(told.order_reference, now=now)


@entry
def on_seat_lost(*, delivery_id: int, now: datetime) -> None:
    """Refund the order of a team that failed."""
    if told := settle(delivery_id, now=now):
        following.refund(told.order_reference, now=now)


@entry
def on_refund_paid(*, delivery_id: int, now: datetime) -> None:
    """Take note that a seat's money has gone back."""
    if told := settle(delivery_id, now=now):
        seats.note_refunded(told.order_reference, now=now)
