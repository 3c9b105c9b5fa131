"""The outbox's own periodic work."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core.outbox import sweeping


@shared_task(queue="deadlines")
def sweep() -> None:
    """Ring again for deliveries that nobody answered in time."""
    sweeping.sweep(timezone.now())


@shared_task(queue="bulk")
def purge() -> None:
    """Delete what was settled long ago."""
    sweeping.purge(timezone.now(), keep=settings.MARKETPLACE_DELIVERY_KEEP)


@shared_task(queue="deadlines")
def prove_chain() -> None:
    """Do nothing: that it was done at all is the proof, see `core.outbox.pulse`."""
