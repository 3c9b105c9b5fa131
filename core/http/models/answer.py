"""An answer that was given once and is given again, byte for byte, to whoever asks again."""

from django.db import models
from django.db.models import Q


class Answer(models.Model):
    """What a caller was told under an idempotency key."""

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    address = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="http_answer_once_per_key", fields=["caller", "key"]),
            models.CheckConstraint(
                name="http_answer_is_a_success", condition=Q(status__gte=200, status__lt=300)
            ),
        ]
        indexes = [models.Index(name="http_answer_by_age", fields=["created_at"])]

    def __str__(self) -> str:
        return f"{self.address} {self.status}"
