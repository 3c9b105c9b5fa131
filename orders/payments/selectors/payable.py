"""What payments need to know of orders."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from core.errors import NotFound
from core.postgres.reading import rows_of
from orders.payments.domain.states import UNSETTLED_STATES, Instalment, Verdict
from orders.payments.models import Payment
from orders.placement.domain.states import OrderState
from orders.placement.models import Order


@dataclass(frozen=True, slots=True)
class PayableOrder:
    """An order as its payer sees it."""

    id: int
    number: str
    state: str
    payable_fen: int
    pay_before: datetime
    deposit_fen: int
    deposit_paid_at: datetime | None
    balance_from: datetime | None

    @property
    def instalment(self) -> Instalment:
        """Return what of it is due next."""
        if not self.deposit_fen:
            return Instalment.WHOLE
        return Instalment.DEPOSIT if self.deposit_paid_at is None else Instalment.BALANCE

    @property
    def due_fen(self) -> int:
        """Return how much that is."""
        if self.instalment == Instalment.DEPOSIT:
            return self.deposit_fen
        return self.payable_fen - self.deposit_fen

    @property
    def due_from(self) -> datetime | None:
        """Return when it can be paid at the earliest; None for at once."""
        return self.balance_from if self.instalment == Instalment.BALANCE else None


_PAYABLE = """
    SELECT id, number, state, payable_fen, pay_before, deposit_fen, deposit_paid_at, balance_from
    FROM placement_order WHERE reference = %s AND buyer_id = %s
"""


def order_of(*, buyer_id: int, reference: UUID) -> PayableOrder:
    """Return a buyer's own order.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAYABLE, [reference, buyer_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return PayableOrder(*row)


def payment_named(provider: str, reference: str) -> Payment | None:
    """Return the payment that a provider speaks of."""
    try:
        wanted = UUID(reference)
    except ValueError:
        return None
    found = rows_of(Payment, "WHERE provider = %s AND reference = %s", [provider, wanted])
    return found[0] if found else None


def unsettled(order_id: int) -> list[Payment]:
    """Return the payments whose provider must be asked before the order may be closed."""
    rows = Payment.objects.filter(order_id=order_id, state__in=UNSETTLED_STATES)
    return list(rows.order_by("pk"))


def was_paid(order_id: int, instalment: str) -> bool:
    """Tell whether a part of an order's money has come, whatever became of the order since."""
    came = "deposit_paid_at" if instalment == Instalment.DEPOSIT else "paid_at"
    return Order.objects.filter(pk=order_id, **{f"{came}__isnull": False}).exists()


def applied_payments(order_id: int) -> list[Payment]:
    """Return the payments that paid an order; none for one that was free or is unpaid."""
    rows = Payment.objects.filter(order_id=order_id, verdict=Verdict.APPLIED)
    return list(rows.order_by("pk"))


def overdue(now: datetime) -> QuerySet[Order]:
    """Return unpaid orders past their time, the longest overdue first."""
    return Order.objects.filter(
        state=OrderState.PENDING_PAYMENT, pay_before__lte=now, next_attempt_at__lte=now
    ).order_by("next_attempt_at", "pk")
