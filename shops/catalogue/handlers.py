"""What the catalogue does about other rooms' facts."""

from datetime import datetime

from core.outbox.deliveries import settle
from core.transactions import entry
from shops.catalogue.services import publication


@entry
def on_shop_changed(*, delivery_id: int, now: datetime) -> None:
    """Show or hide the goods of a shop that opened or closed."""
    fact = settle(delivery_id, now=now)
    if fact is not None:
        publication.show_shop_anew(fact.shop_id, now=now)
