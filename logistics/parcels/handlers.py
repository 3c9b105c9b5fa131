"""What we do about our own facts: ask the carrier, once the parcel is safely written down."""

from datetime import datetime

from core.outbox.deliveries import settle
from core.transactions import entry
from logistics.parcels.services import asking


def on_parcel_to_ask_about(*, delivery_id: int, now: datetime) -> None:
    """Ask the carrier at once; if that fails, the parcel's own due time asks again."""
    reference = _receive(delivery_id, now)
    if reference:
        asking.ask_about(reference, now=now)


@entry
def _receive(delivery_id: int, now: datetime) -> str:
    fact = settle(delivery_id, now=now)
    return fact.parcel_reference if fact else ""
