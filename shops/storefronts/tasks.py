"""What beat asks of this room."""

from celery import shared_task
from django.utils import timezone

from shops.storefronts.services import papers


@shared_task(queue="deadlines")
def expire_licences() -> None:
    papers.expire_due(now=timezone.now())


@shared_task(queue="deadlines")
def warn_of_licences() -> None:
    papers.warn_due(now=timezone.now())
