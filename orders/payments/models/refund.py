"""Money on its way back."""

import uuid

from django.db import models
from django.db.models import Q

from orders.payments.domain.states import RefundReason, RefundState
from orders.payments.models.payment import Payment


class Refund(models.Model):
    """An amount of one payment that goes back to the buyer, once per reason."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    reason = models.CharField(max_length=20, choices=RefundReason)
    state = models.CharField(max_length=10, choices=RefundState, default=RefundState.REQUESTED)
    amount_fen = models.PositiveBigIntegerField()
    requested_at = models.DateTimeField()
    refunded_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payments_refund_once_per_reason", fields=["payment", "reason"]
            ),
            models.CheckConstraint(
                name="payments_refund_amount_is_positive", condition=Q(amount_fen__gt=0)
            ),
            models.CheckConstraint(
                name="payments_refund_succeeded_has_instant",
                condition=Q(state="SUCCEEDED", refunded_at__isnull=False)
                | (~Q(state="SUCCEEDED") & Q(refunded_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                name="payments_refund_due",
                fields=["next_attempt_at"],
                condition=Q(state="REQUESTED"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.amount_fen}"
