"""The workers' program with the rehearsal consumers.

UNGUARDED takes the receipt away, UNCOUNTED the count of attempts that nobody survives, of which
ATTEMPTS_MAX may be made.
"""

import os

import django

django.setup()

from core.outbox import deliveries, events, failing  # noqa: E402
from core.outbox.models import Delivery  # noqa: E402
from marketplace.config.celery import app  # noqa: E402
from tests.support import rehearsals  # noqa: E402

__all__ = ["app", "rehearsals"]


def _read_without_claiming(delivery_id, *, now):
    delivery = Delivery.objects.select_related("message").get(pk=delivery_id)
    Delivery.objects.filter(pk=delivery_id).update(state="DONE", done_at=now)
    return events.decode(delivery.message.topic, delivery.message.body)


if os.environ.get("UNGUARDED") == "yes":
    deliveries.settle = _read_without_claiming

failing.ATTEMPTS_MAX = int(os.environ.get("ATTEMPTS_MAX", failing.ATTEMPTS_MAX))
if os.environ.get("UNCOUNTED") == "yes":
    failing.begin = lambda *_, **__: True
