"""Messages and the receipts of those who must act on them."""

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """One fact, as it was recorded in the transaction that made it true."""

    topic = models.CharField(max_length=100)
    body = models.JSONField()
    request_id = models.CharField(max_length=100, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["recorded_at", "id"], name="outbox_message_by_age")]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    PENDING = "PENDING", "Pending|待处理"
    DONE = "DONE", "Done|已处理"
    PARKED = "PARKED", "Parked for a person|待人工处理"


class Delivery(models.Model):
    """What one consumer owes one message; DONE is its receipt."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    consumer = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    rings = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    failure = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "consumer"], name="outbox_delivery_once_per_consumer"
            ),
            models.CheckConstraint(
                name="outbox_delivery_state_is_known",
                condition=Q(state__in=DeliveryState.values),
            ),
            models.CheckConstraint(
                name="outbox_delivery_done_has_its_instant",
                condition=Q(state=DeliveryState.DONE, done_at__isnull=False)
                | (~Q(state=DeliveryState.DONE) & Q(done_at=None)),
            ),
            models.CheckConstraint(
                name="outbox_delivery_parked_has_its_instant",
                condition=Q(state=DeliveryState.PARKED, parked_at__isnull=False)
                | (~Q(state=DeliveryState.PARKED) & Q(parked_at=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state=DeliveryState.PENDING),
                name="outbox_delivery_due",
            ),
            models.Index(
                fields=["parked_at", "id"],
                condition=Q(state=DeliveryState.PARKED),
                name="outbox_delivery_parked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consumer} {self.pk}"
