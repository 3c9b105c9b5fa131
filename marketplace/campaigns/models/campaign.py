"""A campaign: a theme, its windows, and whose it is."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.accounts.models import Organisation
from marketplace.campaigns.domain.kinds import CampaignKind
from marketplace.campaigns.domain.states import OVER, WAITING, CampaignState
from marketplace.coupons.models import CouponBudget
from marketplace.sections.models import Section


class Campaign(models.Model):
    """Goods of many shops at campaign prices in a window `[starts_at, ends_at)`.

    Shops enrol in `[enrol_from, enrol_until)`; from `preheats_at` on it is announced.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=CampaignKind.choices)
    state = models.CharField(
        max_length=10,
        choices=CampaignState.choices,
        default=CampaignState.DRAFT,
        editable=False,
    )
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, default="", blank=True)
    intro = models.CharField(max_length=500, default="", blank=True)
    intro_en = models.CharField(max_length=500, default="", blank=True)
    # Its goods come from where the section's goods come from.
    section = models.ForeignKey(Section, null=True, on_delete=models.PROTECT, related_name="+")
    budget = models.ForeignKey(CouponBudget, null=True, on_delete=models.PROTECT, related_name="+")
    # Who holds it besides the platform.
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    enrol_from = models.DateTimeField()
    enrol_until = models.DateTimeField()
    preheats_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="campaigns_campaign_slug_once", fields=["slug"]),
            models.CheckConstraint(
                name="campaigns_campaign_slug_is_plain",
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
            ),
            models.CheckConstraint(name="campaigns_campaign_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="campaigns_campaign_kind_is_known", condition=Q(kind__in=CampaignKind.values)
            ),
            models.CheckConstraint(
                name="campaigns_campaign_state_is_known",
                condition=Q(state__in=CampaignState.values),
            ),
            models.CheckConstraint(
                name="campaigns_campaign_window_is_forward",
                condition=Q(starts_at__lt=F("ends_at"), preheats_at__lte=F("starts_at")),
            ),
            models.CheckConstraint(
                name="campaigns_campaign_enrolment_is_forward",
                condition=Q(enrol_from__lt=F("enrol_until"), enrol_until__lte=F("ends_at")),
            ),
            models.CheckConstraint(
                name="campaigns_campaign_over_has_its_instant",
                condition=Q(state__in=OVER, over_at__isnull=False)
                | (~Q(state__in=OVER) & Q(over_at=None)),
            ),
            models.CheckConstraint(
                name="campaigns_campaign_is_never_forgotten",
                condition=Q(state__in=WAITING, next_attempt_at__isnull=False)
                | (~Q(state__in=WAITING) & Q(next_attempt_at=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="campaigns_campaign_calendar"),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="campaigns_campaign_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.slug
