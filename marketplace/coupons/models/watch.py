"""What was read of budgets and batches as time went on, and what somebody was told."""

from django.db import models
from django.db.models import F, Q

from marketplace.coupons.domain.burning import AlertKind
from marketplace.coupons.models.batch import CouponBatch
from marketplace.coupons.models.budget import CouponBudget


class BudgetReading(models.Model):
    """How a budget stood at an instant; written only when that has changed."""

    budget = models.ForeignKey(
        CouponBudget, on_delete=models.PROTECT, related_name="readings", db_index=False
    )
    at = models.DateTimeField()
    total_fen = models.BigIntegerField()
    held_fen = models.BigIntegerField()
    spent_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_budgetreading_once_an_instant", fields=["budget", "at"]
            ),
            models.CheckConstraint(
                name="coupons_budgetreading_within_the_total",
                condition=Q(
                    held_fen__gte=0,
                    spent_fen__gte=0,
                    total_fen__gte=F("held_fen") + F("spent_fen"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"budget {self.budget_id} at {self.at}"


class BatchReading(models.Model):
    """How many coupons of a batch were claimed and used at an instant."""

    batch = models.ForeignKey(
        CouponBatch, on_delete=models.PROTECT, related_name="readings", db_index=False
    )
    at = models.DateTimeField()
    claimed = models.BigIntegerField()
    used = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_batchreading_once_an_instant", fields=["batch", "at"]
            ),
            models.CheckConstraint(
                name="coupons_batchreading_counts_are_never_negative",
                condition=Q(claimed__gte=0, used__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.batch_id} at {self.at}"


class BudgetAlert(models.Model):
    """Somebody was told about a budget; once for each total that it has had."""

    budget = models.ForeignKey(
        CouponBudget, on_delete=models.PROTECT, related_name="alerts", db_index=False
    )
    kind = models.CharField(max_length=10, choices=AlertKind.choices)
    total_fen = models.BigIntegerField()
    committed_fen = models.BigIntegerField()
    raised_at = models.DateTimeField()
    # When the budget would be gone, where that is why.
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_budgetalert_once_a_total", fields=["budget", "kind", "total_fen"]
            ),
            models.CheckConstraint(
                name="coupons_budgetalert_kind_is_known", condition=Q(kind__in=AlertKind.values)
            ),
            models.CheckConstraint(
                name="coupons_budgetalert_early_end_is_dated",
                condition=Q(kind=AlertKind.ENDS_EARLY, ends_at__isnull=False)
                | (~Q(kind=AlertKind.ENDS_EARLY) & Q(ends_at=None)),
            ),
        ]
        indexes = [models.Index(fields=["-raised_at", "-id"], name="coupons_budgetalert_newest")]

    def __str__(self) -> str:
        return f"{self.kind} of budget {self.budget_id}"


class ClaimRefusal(models.Model):
    """How often claims of a batch were refused on a day in China, by why; roughly counted."""

    batch = models.ForeignKey(
        CouponBatch, on_delete=models.PROTECT, related_name="refusals", db_index=False
    )
    day = models.DateField()
    code = models.CharField(max_length=40)
    refused = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_claimrefusal_once_a_day", fields=["batch", "day", "code"]
            ),
            models.CheckConstraint(
                name="coupons_claimrefusal_is_of_somebody", condition=Q(refused__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.refused} x {self.code} of batch {self.batch_id}"
