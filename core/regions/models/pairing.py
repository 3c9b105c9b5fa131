"""Regions that help other regions by buying from them."""

import uuid

from django.db import models
from django.db.models import F, Q


class RegionPairing(models.Model):
    """What people in one region buy from another counts as help, for a time.

    Where several pairings fit a sale, the one with the smallest priority counts, and it alone. The
    exclusion constraint `regions_regionpairing_paired_once_at_a_time` stands in a migration of its
    own.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    helper = models.CharField(max_length=6)
    helped = models.CharField(max_length=6)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    priority = models.PositiveSmallIntegerField(default=100)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="regions_regionpairing_regions_are_codes",
                condition=Q(helper__regex=r"^[0-9]{6}$", helped__regex=r"^[0-9]{6}$"),
            ),
            models.CheckConstraint(
                name="regions_regionpairing_is_with_another", condition=~Q(helper=F("helped"))
            ),
            models.CheckConstraint(
                name="regions_regionpairing_window_is_forward",
                condition=Q(valid_until=None) | Q(valid_from__lt=F("valid_until")),
            ),
            models.CheckConstraint(
                name="regions_regionpairing_is_explained", condition=~Q(reason="")
            ),
        ]
        indexes = [
            models.Index(name="regions_regionpairing_of", fields=["helped", "helper"]),
        ]

    def __str__(self) -> str:
        return f"{self.helper} helps {self.helped}"
