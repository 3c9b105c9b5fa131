from celery import shared_task
from django.utils import timezone

# Importing it gives pre-sales their say in every process that moves orders.
from orders.presales import handlers  # noqa: F401
from orders.presales.services import defaulting, timing


@shared_task(queue="deadlines")
def keep_time() -> None:
    timing.keep_time(now=timezone.now())


@shared_task(queue="deadlines")
def settle_defaults() -> None:
    defaulting.settle_due(now=timezone.now())
