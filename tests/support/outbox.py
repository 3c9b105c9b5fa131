"""Making every delivery in this process, without a broker or a worker."""

from datetime import datetime
from unittest import mock

from core.outbox import consuming
from core.outbox.models import Delivery, DeliveryState

ROUNDS_MAX = 10_000


def deliver_all(now: datetime, *, parked_allowed: bool = False) -> int:
    """Run the consumer of every PENDING delivery until none is left; return how many ran.

    A failure is raised as it is. With `parked_allowed` it goes the way it goes in a worker:
    refusals park, other failures are tried again until the last attempt parks.
    """
    known = consuming.registered()
    with mock.patch("django.utils.timezone.now", return_value=now):
        for count in range(ROUNDS_MAX):
            delivery = (
                Delivery.objects.filter(state=DeliveryState.PENDING)
                .order_by("next_attempt_at", "id")
                .first()
            )
            if delivery is None:
                return count
            answer = known[delivery.consumer]
            (answer.task if parked_allowed else answer.work)(delivery_id=delivery.pk)
            if not parked_allowed:
                delivery.refresh_from_db()
                assert delivery.state == DeliveryState.DONE, f"{delivery} was not settled"
    raise AssertionError("deliveries never end")
