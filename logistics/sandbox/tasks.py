from celery import shared_task
from django.utils import timezone

from logistics.sandbox.services import calling_back


@shared_task(queue="bulk")
def call_back() -> None:
    calling_back.send_due(now=timezone.now())
