"""Orders follow their team: they are released, or undone and refunded whole."""

from datetime import datetime

from core.audit.actors import SYSTEM
from core.transactions import needs_transaction
from orders.payments.domain.states import RefundReason
from orders.payments.services import closing
from orders.placement.models import Order
from orders.placement.services import lifecycle


@needs_transaction
def release(order_reference: str, *, now: datetime) -> None:
    """Let the goods of an order go whose team has succeeded; its time to ship runs from here."""
    order_id = _id_of(order_reference)
    lifecycle.release_to_ship(order_id, now=now, reason="the team is complete")


@needs_transaction
def refund(order_reference: str, *, now: datetime) -> None:
    """Give everything back that was paid for a seat in a team that failed, freight included."""
    order_id = _id_of(order_reference)
    closing.undo(order_id, reason=RefundReason.TEAM_FAILED, actor=SYSTEM, now=now)


def _id_of(reference: str) -> int:
    return Order.objects.values_list("pk", flat=True).get(reference=reference)
