"""What workers do for activities by the clock."""

from celery import shared_task
from django.utils import timezone

from marketplace.activities.services import activities, gating, showing


@shared_task(queue="deadlines")
def keep_time() -> None:
    """Start and end activities at their instants, and write down what their gates let in."""
    activities.keep_time(now=timezone.now())
    gating.refresh(now=timezone.now())


@shared_task(queue="deadlines")
def refresh_cards() -> None:
    """Say on the cards of products what they cost for a time."""
    showing.refresh_cards(now=timezone.now())
