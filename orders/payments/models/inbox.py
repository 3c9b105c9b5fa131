"""What providers told us, each event once."""

from django.db import models


class ProviderEvent(models.Model):
    """One event of a provider; the unique key makes every repetition harmless."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=64)
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT)
    amount_fen = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payments_providerevent_once", fields=["provider", "event_id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
