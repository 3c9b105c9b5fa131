"""The catalogue's work in the background."""

from celery import shared_task
from django.utils import timezone

from core.outbox.consuming import consumer
from core.transactions import entry
from shops.catalogue import handlers
from shops.catalogue.services import cards, unlicensed
from shops.storefronts.events import ShopClosed, ShopOpened


@consumer(ShopOpened, ShopClosed, queue="catalogue")
def follow_shop(*, delivery_id: int, **_: object) -> None:
    """Show or hide the goods of a shop that opened or closed."""
    handlers.on_shop_changed(delivery_id=delivery_id, now=timezone.now())


@shared_task(queue="deadlines")
def refresh_stock() -> None:
    """Note on the cards what has sold out and what is there again."""
    entry(cards.refresh_stock)(now=timezone.now())


@shared_task(queue="deadlines")
def withdraw_unlicensed() -> None:
    """Take off sale what shops have no papers for any more."""
    entry(unlicensed.withdraw)(now=timezone.now())
