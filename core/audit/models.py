"""The log of every life in the house."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class StateLog(models.Model):
    """One step in the life of one thing; never changed, never deleted one by one."""

    subject = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    action = models.CharField(max_length=40)
    from_state = models.CharField(max_length=40)
    to_state = models.CharField(max_length=40)
    reason = models.CharField(max_length=500, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "subject_id", "at"], name="audit_statelog_life"),
        ]
        constraints = [
            models.CheckConstraint(
                name="audit_statelog_nobody_acts_for_somebody",
                condition=Q(on_behalf_of=None) | Q(actor__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.from_state} -> {self.to_state}"
