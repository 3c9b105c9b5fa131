"""What beat asks of this room."""

from celery import shared_task
from django.utils import timezone

from core.accounts.services import forgetting, lockout


@shared_task(queue="bulk")
def forget_codes() -> None:
    forgetting.forget_codes(now=timezone.now())


@shared_task(queue="bulk")
def forget_sessions() -> None:
    forgetting.forget_sessions(now=timezone.now())


@shared_task(queue="bulk")
def forget_sign_in_counts() -> None:
    lockout.forget_counts(now=timezone.now())
