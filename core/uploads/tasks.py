"""What beat asks of this room."""

from celery import shared_task
from django.utils import timezone

from core.uploads.services import purging


@shared_task(queue="bulk")
def purge_unclaimed() -> None:
    purging.purge_unclaimed(now=timezone.now())
