"""Periodic work of the interface."""

from celery import shared_task
from django.utils import timezone

from core.http import idempotency


@shared_task(queue="bulk")
def forget_old_answers() -> None:
    """Delete idempotency answers past their retention."""
    idempotency.forget_old_answers(now=timezone.now())
