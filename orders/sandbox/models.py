"""The provider's own books."""

from django.db import models
from django.db.models import F, Q


class ChargeState(models.TextChoices):
    """What the provider knows of a charge."""

    OPEN = "OPEN", "Open|待支付"
    CAPTURED = "CAPTURED", "Captured|已支付"
    CLOSED = "CLOSED", "Closed|已关闭"


class Charge(models.Model):
    """Money that a merchant asked for, under the merchant's own reference."""

    desk = models.CharField(max_length=20)
    merchant_reference = models.CharField(max_length=64)
    amount_fen = models.PositiveBigIntegerField()
    notify_url = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=ChargeState, default=ChargeState.OPEN)
    transaction = models.CharField(max_length=40, default="")
    refunded_fen = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sandbox_provider_charge_once_per_reference",
                fields=["desk", "merchant_reference"],
            ),
            models.CheckConstraint(
                name="sandbox_provider_charge_refunds_within_amount",
                condition=Q(refunded_fen__lte=F("amount_fen")),
            ),
            models.CheckConstraint(
                name="sandbox_provider_charge_captured_has_instant",
                condition=Q(state="CAPTURED", captured_at__isnull=False)
                | (~Q(state="CAPTURED") & Q(captured_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.desk} {self.merchant_reference} {self.state}"


class ChargeRefund(models.Model):
    """Money given back, once per reference of the merchant."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    merchant_reference = models.CharField(max_length=64, unique=True)
    amount_fen = models.PositiveBigIntegerField()
    # Whether it is the merchant's own money, on top of what was paid.
    is_on_top = models.BooleanField(default=False)
    refunded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sandbox_provider_chargerefund_is_positive", condition=Q(amount_fen__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.merchant_reference


class Notice(models.Model):
    """A callback that the provider owes the merchant until it was answered."""

    charge = models.ForeignKey(Charge, on_delete=models.CASCADE, related_name="notices")
    event_id = models.CharField(max_length=40)
    amount_fen = models.PositiveBigIntegerField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                name="sandbox_provider_notice_owed",
                fields=["due_at"],
                condition=Q(answered_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.event_id
