"""A region to or from which goods do not travel for a while."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from logistics.freight.domain.holding import HoldKind, HoldState


class DispatchHold(models.Model):
    """Goods to and from a region stay, or come later; without an end until it is lifted."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.CharField(max_length=6)
    kind = models.CharField(max_length=7, choices=HoldKind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=6, choices=HoldState.choices, default=HoldState.SET)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="freight_dispatchhold_region_is_a_code",
                condition=Q(region__regex=r"^[0-9]{6}$"),
            ),
            models.CheckConstraint(
                name="freight_dispatchhold_kind_is_known", condition=Q(kind__in=HoldKind.values)
            ),
            models.CheckConstraint(
                name="freight_dispatchhold_is_explained", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="freight_dispatchhold_window_is_forward",
                condition=Q(ends_at=None) | Q(starts_at__lt=F("ends_at")),
            ),
            models.CheckConstraint(
                name="freight_dispatchhold_lifted_has_its_instant",
                condition=Q(state=HoldState.SET, lifted_at=None)
                | Q(state=HoldState.LIFTED, lifted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="freight_dispatchhold_of_region",
                fields=["region"],
                condition=Q(state=HoldState.SET),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.region}"
