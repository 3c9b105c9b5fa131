"""A counted thing, its shards, and who holds how much of it."""

from django.db import models
from django.db.models import F, Q


class Kind(models.TextChoices):
    """What is counted; transactions draw on the kinds in the order they stand here."""

    STOCK = "STOCK", "Stock|库存"
    ACTIVITY = "ACTIVITY", "Activity places|活动名额"
    BATCH = "BATCH", "Coupon pieces|券张数"
    BUDGET = "BUDGET", "Budget|预算"


RANKS = {Kind.STOCK: 1, Kind.ACTIVITY: 2, Kind.BATCH: 3, Kind.BUDGET: 4}


class Quota(models.Model):
    """Something of which there is only so much: pieces, places or fen."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    rank = models.PositiveSmallIntegerField()
    shards = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="quotas_quota_rank_follows_kind",
                condition=Q(kind="STOCK", rank=1)
                | Q(kind="ACTIVITY", rank=2)
                | Q(kind="BATCH", rank=3)
                | Q(kind="BUDGET", rank=4),
            ),
            models.CheckConstraint(name="quotas_quota_has_a_shard", condition=Q(shards__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} quota {self.pk}"


class QuotaShard(models.Model):
    """A part of a quota with counters of its own, so that a crowd spreads over several rows."""

    quota = models.ForeignKey(Quota, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveSmallIntegerField(default=0)
    total = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="quotas_quotashard_number_once", fields=["quota", "number"]
            ),
            models.CheckConstraint(
                name="quotas_quotashard_held_is_never_negative", condition=Q(held__gte=0)
            ),
            models.CheckConstraint(
                name="quotas_quotashard_spent_is_never_negative", condition=Q(spent__gte=0)
            ),
            models.CheckConstraint(
                name="quotas_quotashard_never_overdrawn",
                condition=Q(total__gte=F("held") + F("spent")),
            ),
        ]

    def __str__(self) -> str:
        return f"shard {self.number} of quota {self.quota_id}"


class QuotaHold(models.Model):
    """What one owner has drawn from a quota, at one of its shards, and what became of it."""

    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, related_name="+", db_index=False)
    shard = models.ForeignKey(
        QuotaShard, on_delete=models.PROTECT, related_name="holds", db_index=False
    )
    owner = models.CharField(max_length=80)
    held = models.BigIntegerField()
    spent = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="quotas_quotahold_owner_once_per_quota", fields=["owner", "quota"]
            ),
            models.CheckConstraint(
                name="quotas_quotahold_held_is_never_negative", condition=Q(held__gte=0)
            ),
            models.CheckConstraint(
                name="quotas_quotahold_spent_is_never_negative", condition=Q(spent__gte=0)
            ),
            models.CheckConstraint(
                name="quotas_quotahold_returned_is_never_negative", condition=Q(returned__gte=0)
            ),
            models.CheckConstraint(
                name="quotas_quotahold_is_of_something",
                condition=Q(held__gt=0) | Q(spent__gt=0) | Q(returned__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.owner}"
