"""The practice carrier's own books: not ours, and never joined with ours."""

import uuid

from django.db import models
from django.db.models import Q


class Waybill(models.Model):
    """A parcel as the carrier knows it, by the sender's reference."""

    sender_reference = models.UUIDField(unique=True)
    number = models.CharField(max_length=40, unique=True)
    booked_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.number


class Scan(models.Model):
    """Something that happens to a parcel at an instant, and is then told to its sender."""

    waybill = models.ForeignKey(Waybill, on_delete=models.CASCADE, related_name="scans")
    event_id = models.UUIDField(default=uuid.uuid4, unique=True)
    code = models.CharField(max_length=2)
    happens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                name="sandbox_carrier_scan_due",
                fields=["due_at", "id"],
                condition=Q(answered_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.happens_at:%F %T}"
