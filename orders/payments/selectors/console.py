"""What an operator may see of payments in the console."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from core.accounts.domain.roles import Role
from core.console import reach
from orders.payments.domain.states import PaymentState, RefundState
from orders.payments.models import Payment, Refund


@dataclass(frozen=True, slots=True)
class Waiting:
    """Money that is not where it belongs yet."""

    refunds: int
    refund_fen: int
    parked: int
    held: int


def payments_for(user: Any) -> QuerySet[Payment]:
    """Return the payments an operator looks after: all of them, or none."""
    rows = Payment.objects.select_related("order")
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def refunds_for(user: Any) -> QuerySet[Refund]:
    """Return the refunds an operator looks after: all of them, or none."""
    rows = Refund.objects.select_related("payment__order")
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def of_order(order_id: int) -> list[Payment]:
    """Return every attempt to pay an order, oldest first."""
    return list(Payment.objects.filter(order_id=order_id).order_by("created_at", "id"))


def waiting_for(user: Any) -> Waiting | None:
    """Return what waits to go back or to be looked at; None for whoever does not look after it."""
    if not reach.holds(user, Role.OPERATOR):
        return None
    refunds = Refund.objects.exclude(state=RefundState.SUCCEEDED).aggregate(
        count=Count("pk"),
        fen=Sum("amount_fen", default=0),
        parked=Count("pk", filter=Q(state=RefundState.PARKED)),
    )
    held = Payment.objects.filter(state=PaymentState.QUARANTINED).count()
    return Waiting(refunds["count"], int(refunds["fen"]), refunds["parked"], held)
