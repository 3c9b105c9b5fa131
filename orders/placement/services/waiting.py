"""Orders that wait for more than their money: who made them has a say whenever they move.

Placement knows no teams. A room above that places such orders names a host for them; the host is
asked inside the transaction that moves the order, after the order's row is locked and before any
quota, so that what it counts and what the order is change together or not at all.
"""

from datetime import datetime
from typing import Protocol

from core.transactions import needs_transaction
from orders.placement.domain.states import OrderState, WaitsFor
from orders.placement.models import Order


class Host(Protocol):
    """Whoever orders of one kind wait for."""

    def take_payment(self, order_id: int, *, paid_at: datetime, now: datetime) -> bool:
        """Count an order as paid; False where its money came too late to count."""
        ...

    def give_up(self, order_id: int, *, now: datetime) -> None:
        """Let an order go that will not be paid."""
        ...

    def leave(self, order_id: int, *, now: datetime) -> None:
        """Let a paid order go that is undone."""
        ...


_hosts: dict[str, Host] = {}


def attend(waits_for: WaitsFor, host: Host) -> None:
    """Name the host of all orders that wait for something."""
    if _hosts.setdefault(waits_for, host) is not host:
        raise ValueError(f"two hosts attend to {waits_for}")


@needs_transaction
def is_admitted(order: Order, *, paid_at: datetime, now: datetime) -> bool:
    """Ask the host of an unpaid order whether its payment counts; lock the order first."""
    unpaid = Order.objects.select_for_update(no_key=True).filter(
        pk=order.pk, state=OrderState.PENDING_PAYMENT
    )
    if not unpaid.values_list("pk").first():
        return False
    return _hosts[order.waits_for].take_payment(order.pk, paid_at=paid_at, now=now)


@needs_transaction
def give_up(order: Order, *, now: datetime) -> None:
    """Tell the host, where there is one, that an order will not be paid."""
    if order.waits_for:
        _hosts[order.waits_for].give_up(order.pk, now=now)


@needs_transaction
def leave(order: Order, *, now: datetime) -> None:
    """Tell the host, where there is one, that a paid order is undone."""
    if order.waits_for:
        _hosts[order.waits_for].leave(order.pk, now=now)
