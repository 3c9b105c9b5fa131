"""What workers do for campaigns by the clock."""

from celery import shared_task
from django.utils import timezone

from marketplace.campaigns.services import timekeeping


@shared_task(queue="deadlines")
def keep_time() -> None:
    """Announce, start and end campaigns at their instants."""
    timekeeping.keep_time(now=timezone.now())
