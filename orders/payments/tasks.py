from celery import shared_task
from django.utils import timezone

from orders.payments.services import closing, refunding


@shared_task(queue="deadlines")
def close_overdue() -> None:
    closing.close_overdue(now=timezone.now())


@shared_task(queue="deadlines")
def ask_due() -> None:
    closing.ask_due(now=timezone.now())


@shared_task(queue="deadlines")
def send_refunds() -> None:
    refunding.send_due(now=timezone.now())
