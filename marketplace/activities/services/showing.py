"""Saying on the cards of products what they cost for a time."""

from datetime import datetime

from core.transactions import entry
from marketplace.activities.selectors import dated
from shops.catalogue.services import cards


@entry
def refresh_cards(*, now: datetime) -> int:
    """Note on the cards which prices are agreed and have pieces left; return how many changed.

    Cards are read by the clock, so that a price that was agreed in time is shown from its instant
    on, and what a basket costs never waits for this.
    """
    return cards.date_prices(dated.DATED, dated.asked(now))
