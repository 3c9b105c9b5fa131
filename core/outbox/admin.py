"""Deliveries in the console: what waits, what is parked, and sending it on its way again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.console import figures
from core.console.pages import ReadPage
from core.outbox import deliveries
from core.outbox.models import Delivery, DeliveryState
from core.transactions import entry


def deliveries_for(user: Any) -> QuerySet[Delivery]:
    """Return the deliveries that somebody may look after: the operators of the whole market."""
    rows = Delivery.objects.select_related("message")
    return rows if user.is_superuser else rows.none()


@admin.register(Delivery)
class DeliveryPage(ReadPage):
    """What consumers owe, the parked ones to be run again by a person."""

    rows = staticmethod(deliveries_for)
    states = DeliveryState
    list_display = ("pk", "topic", "consumer", "standing", "attempts", "due", "parked", "why")
    list_filter = ("state", "consumer")
    fields = (
        "topic",
        "body",
        "consumer",
        "standing",
        "attempts",
        "rings",
        "due",
        "parked",
        "failure",
    )
    ordering = ("-parked_at", "-pk")
    actions = ("run_again",)

    @admin.display(description="Fact")
    def topic(self, row: Delivery) -> str:
        return row.message.topic

    @admin.display(description="Says")
    def body(self, row: Delivery) -> str:
        return str(row.message.body)

    @admin.display(description="Next attempt", ordering="next_attempt_at")
    def due(self, row: Delivery) -> str:
        return figures.local_time(row.next_attempt_at)

    @admin.display(description="Parked", ordering="parked_at")
    def parked(self, row: Delivery) -> str:
        return figures.local_time(row.parked_at)

    @admin.display(description="Why")
    def why(self, row: Delivery) -> str:
        return row.failure[:80]

    @admin.action(description="Run parked deliveries again")
    def run_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        taken = entry(deliveries.rerun)(ids, now=timezone.now())
        self.message_user(request, f"已重新投递 {len(taken)} 项。{len(taken)} on their way again.")
