"""A product that somebody wants in a co-branded section, and who has said yes to it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.sections.domain.reviewing import BY_PARTNER, BY_PLATFORM, ItemState
from marketplace.sections.models.section import Section
from shops.catalogue.models import Product


def _somebody() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )


class SectionItem(models.Model):
    """It is shown once both the partner and the platform have approved it."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, related_name="items", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=17, choices=ItemState.choices, default=ItemState.PROPOSED, editable=False
    )
    proposed_by = _somebody()
    proposed_at = models.DateTimeField()
    partner_by = _somebody()
    partner_at = models.DateTimeField(null=True)
    platform_by = _somebody()
    platform_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sections_sectionitem_product_once", fields=["section", "product"]
            ),
            models.CheckConstraint(
                name="sections_sectionitem_state_is_known", condition=Q(state__in=ItemState.values)
            ),
            models.CheckConstraint(
                name="sections_sectionitem_partner_approval_has_its_instant",
                condition=Q(state__in=BY_PARTNER, partner_at__isnull=False)
                | (~Q(state__in=BY_PARTNER) & Q(partner_at=None, partner_by=None)),
            ),
            models.CheckConstraint(
                name="sections_sectionitem_platform_approval_has_its_instant",
                condition=Q(state__in=BY_PLATFORM, platform_at__isnull=False)
                | (~Q(state__in=BY_PLATFORM) & Q(platform_at=None, platform_by=None)),
            ),
            models.CheckConstraint(
                name="sections_sectionitem_approved_by_two_people",
                condition=Q(partner_by=None)
                | Q(platform_by=None)
                | ~Q(partner_by=F("platform_by")),
            ),
        ]
        indexes = [
            models.Index(name="sections_sectionitem_waiting", fields=["section", "state", "id"]),
        ]

    def __str__(self) -> str:
        return f"item {self.reference}"
