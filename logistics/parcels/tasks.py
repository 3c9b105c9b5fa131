from celery import shared_task
from django.utils import timezone

from core.outbox.consuming import consumer
from logistics.parcels import handlers
from logistics.parcels.events import ParcelCancelled, ParcelPlanned
from logistics.parcels.services import asking


@consumer(ParcelPlanned, ParcelCancelled, queue="logistics")
def ask_carrier(*, delivery_id: int, **_: object) -> None:
    handlers.on_parcel_to_ask_about(delivery_id=delivery_id, now=timezone.now())


@shared_task(queue="deadlines")
def ask_due() -> None:
    asking.ask_due(now=timezone.now())
