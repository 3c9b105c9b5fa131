"""What sections do in the background."""

from celery import shared_task
from django.utils import timezone

from core.outbox.consuming import consumer
from marketplace.sections import handlers
from marketplace.sections.events import SectionChanged
from marketplace.sections.services import membership, scheduling
from shops.catalogue.events import ProductChanged, ProductPublished, ProductWithdrawn


@consumer(ProductPublished, ProductChanged, ProductWithdrawn, queue="catalogue")
def place_product(*, delivery_id: int, **_: object) -> None:
    """Put a product into the sections it belongs to, and out of the others."""
    handlers.on_product_shown_anew(delivery_id=delivery_id, now=timezone.now())


@consumer(SectionChanged, queue="catalogue")
def fill_section(*, delivery_id: int, **_: object) -> None:
    """Choose anew all that a section holds."""
    handlers.on_section_changed(delivery_id=delivery_id, now=timezone.now())


@shared_task(queue="deadlines")
def turn_due() -> None:
    """Open and close what is due."""
    scheduling.turn_due(timezone.now())


@shared_task(queue="deadlines")
def refresh() -> None:
    """Notice what changed without an event: stock, sales, dates."""
    membership.refresh_everything(timezone.now())
