"""One-time codes, and how many were sent today."""

from django.db import models
from django.db.models import F, Q


class PhoneCode(models.Model):
    """The one code that is open for a phone; asking again replaces it."""

    phone_index = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    counted_from = models.DateTimeField()
    counted = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_phonecode_window_is_forward",
                condition=Q(sent_at__lt=F("expires_at")),
            ),
        ]
        indexes = [models.Index(name="accounts_phonecode_by_sending", fields=["sent_at"])]

    def __str__(self) -> str:
        return f"code sent {self.sent_at:%Y-%m-%d %H:%M}"


class CodeDay(models.Model):
    """How many codes the whole market has sent on one day."""

    day = models.DateField(unique=True)
    sent = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.day}: {self.sent}"
