"""One attempt to pay one order."""

import uuid

from django.db import models
from django.db.models import F, Q

from orders.payments.domain.states import Instalment, PaymentState, Verdict


class Payment(models.Model):
    """Money asked of a provider for an order; `captured_fen` is what the provider says it took."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey("placement.Order", on_delete=models.PROTECT, related_name="payments")
    instalment = models.CharField(max_length=10, choices=Instalment, default=Instalment.WHOLE)
    provider = models.CharField(max_length=20)
    idempotency_key = models.CharField(max_length=255)
    state = models.CharField(max_length=12, choices=PaymentState, default=PaymentState.INIT)
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.NONE, blank=True)
    amount_fen = models.PositiveBigIntegerField()
    captured_fen = models.PositiveBigIntegerField(default=0)
    refunded_fen = models.PositiveBigIntegerField(default=0)
    provider_transaction = models.CharField(max_length=64, default="", blank=True)
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payments_payment_one_success_per_instalment",
                fields=["order", "instalment"],
                condition=Q(verdict="APPLIED"),
            ),
            models.UniqueConstraint(
                name="payments_payment_one_open_per_provider",
                fields=["order", "instalment", "provider"],
                condition=Q(state__in=["INIT", "PROCESSING"]),
            ),
            models.UniqueConstraint(
                name="payments_payment_once_per_key", fields=["order", "idempotency_key"]
            ),
            models.CheckConstraint(
                name="payments_payment_instalment_is_known",
                condition=Q(instalment__in=Instalment.values),
            ),
            models.CheckConstraint(
                name="payments_payment_amount_is_positive", condition=Q(amount_fen__gt=0)
            ),
            models.CheckConstraint(
                name="payments_payment_refunds_within_capture",
                condition=Q(refunded_fen__lte=F("captured_fen")),
            ),
            models.CheckConstraint(
                name="payments_payment_applied_is_exact",
                condition=~Q(verdict="APPLIED") | Q(captured_fen=F("amount_fen")),
            ),
            models.CheckConstraint(
                name="payments_payment_captured_has_instant",
                condition=Q(state="SUCCEEDED", captured_at__isnull=False)
                | (~Q(state="SUCCEEDED") & Q(captured_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="payments_payment_captured_has_verdict",
                condition=Q(
                    state="SUCCEEDED", verdict__in=["APPLIED", "LATE", "DUPLICATE", "WRONG"]
                )
                | Q(state="QUARANTINED", verdict="QUARANTINED")
                | (~Q(state__in=["SUCCEEDED", "QUARANTINED"]) & Q(verdict="")),
            ),
        ]
        indexes = [
            models.Index(
                name="payments_payment_to_ask",
                fields=["next_attempt_at"],
                condition=Q(state__in=["INIT", "PROCESSING"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference} {self.state}"
