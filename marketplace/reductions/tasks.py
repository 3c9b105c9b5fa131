"""What workers do for full reductions by the clock."""

from celery import shared_task
from django.utils import timezone

from marketplace.reductions.services import reductions


@shared_task(queue="deadlines")
def keep_time() -> None:
    """Start and end full reductions at their instants."""
    reductions.keep_time(now=timezone.now())
