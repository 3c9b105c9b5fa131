"""What workers do for coupons by the clock."""

from celery import shared_task
from django.utils import timezone

from marketplace.coupons.services import expiring


@shared_task(queue="deadlines")
def expire_coupons() -> None:
    """Expire coupons that have run out."""
    expiring.expire_due(now=timezone.now())
