"""What sections do about facts: choose anew."""

from datetime import datetime

from core.outbox.deliveries import settle
from core.transactions import entry
from marketplace.sections.services import marks, membership


@entry
def on_product_shown_anew(*, delivery_id: int, now: datetime) -> None:
    """Put a product where it belongs now, whatever the event said: the card is read again."""
    fact = settle(delivery_id, now=now)
    if fact is not None:
        membership.refresh([fact.product_id], now=now)
        marks.take_off_where_wrong(fact.product_id)


@entry
def on_section_changed(*, delivery_id: int, now: datetime) -> None:
    """Choose anew all that a section holds."""
    fact = settle(delivery_id, now=now)
    if fact is not None:
        membership.refresh_section(fact.section_id, now=now)
