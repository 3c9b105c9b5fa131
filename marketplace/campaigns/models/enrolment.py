"""What a shop offers to a campaign."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.activities.models import Activity
from marketplace.campaigns.domain.states import OPEN, EnrolmentState
from marketplace.campaigns.models.campaign import Campaign
from shops.catalogue.models import Sku
from shops.storefronts.models import Shop


class Enrolment(models.Model):
    """So many pieces of a SKU at a price, for the time of a campaign.

    Approved, it has the activity that sells them; nothing else sells at this price.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="enrolments", db_index=False
    )
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10,
        choices=EnrolmentState.choices,
        default=EnrolmentState.SUBMITTED,
        editable=False,
    )
    price_fen = models.BigIntegerField()
    quantity = models.BigIntegerField()
    per_user_limit = models.PositiveIntegerField(null=True)
    activity = models.OneToOneField(
        Activity, null=True, on_delete=models.PROTECT, related_name="enrolment"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField()
    # When it was last approved, rejected or withdrawn, and what the shop is told about it.
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="campaigns_enrolment_sku_once",
                fields=["campaign", "sku"],
                condition=Q(state__in=OPEN),
            ),
            models.CheckConstraint(
                name="campaigns_enrolment_state_is_known",
                condition=Q(state__in=EnrolmentState.values),
            ),
            models.CheckConstraint(
                name="campaigns_enrolment_approved_has_its_activity",
                condition=Q(state=EnrolmentState.APPROVED, activity__isnull=False)
                | (~Q(state=EnrolmentState.APPROVED) & Q(activity=None)),
            ),
            models.CheckConstraint(
                name="campaigns_enrolment_decided_has_its_instant",
                condition=Q(state=EnrolmentState.SUBMITTED, decided_at=None)
                | (~Q(state=EnrolmentState.SUBMITTED) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="campaigns_enrolment_figures_are_positive",
                condition=Q(price_fen__gte=1, quantity__gte=1)
                & (Q(per_user_limit=None) | Q(per_user_limit__gte=1)),
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-id"], name="campaigns_enrolment_of_shop"),
            models.Index(fields=["campaign", "state", "id"], name="campaigns_enrolment_state"),
        ]

    def __str__(self) -> str:
        return f"sku {self.sku_id} in campaign {self.campaign_id}"
