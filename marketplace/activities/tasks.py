"""What workers do for activities by the clock."""

from celery import shared_task
from django.utils import timezone

from marketplace.activities.services import activities, showing


@shared_task(queue="deadlines")
def keep_time() -> None:
    """Start and end activities at their instants."""
    activities.keep_time(now=timezone.now())


@shared_task(queue="deadlines")
def refresh_cards() -> None:
    """Say on the cards of products what they cost for a time."""
    showing.refresh_cards(now=timezone.now())
