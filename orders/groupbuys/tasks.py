from celery import shared_task
from django.utils import timezone

from core.outbox.consuming import consumer
from orders.groupbuys import handlers
from orders.groupbuys.events import SeatLost, SeatWon
from orders.groupbuys.services import expiring
from orders.payments.events import RefundPaid


@consumer(SeatWon, queue="orders")
def release_order(*, delivery_id: int, **_: object) -> None:
    handlers.on_seat_won(delivery_id=delivery_id, now=timezone.now())


@consumer(SeatLost, queue="orders")
def refund_order(*, delivery_id: int, **_: object) -> None:
    handlers.on_seat_lost(delivery_id=delivery_id, now=timezone.now())


@consumer(RefundPaid, queue="orders")
def note_refund(*, delivery_id: int, **_: object) -> None:
    handlers.on_refund_paid(delivery_id=delivery_id, now=timezone.now())


@shared_task(queue="deadlines")
def expire_due() -> None:
    expiring.expire_due(now=timezone.now())
