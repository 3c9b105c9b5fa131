"""Shops and the people who work in them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from shops.storefronts.domain.licensing import Fulfilment, MemberRole, ShopKind
from shops.storefronts.domain.states import ShopState


class Shop(models.Model):
    """A seller as buyers see it: a name, a place, and goods once it is open."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.CharField(max_length=80)
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=ShopKind.choices)
    region = models.CharField(max_length=6)
    intro = models.CharField(max_length=500, default="", blank=True)
    state = models.CharField(
        max_length=10, choices=ShopState.choices, default=ShopState.DRAFT, editable=False
    )
    fulfilment = models.CharField(
        max_length=8, choices=Fulfilment.choices, default=Fulfilment.PLATFORM
    )
    commission_bp = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="storefronts_shop_slug_names_one_shop", fields=["slug"]),
            models.CheckConstraint(
                name="storefronts_shop_state_is_known", condition=Q(state__in=ShopState.values)
            ),
            models.CheckConstraint(
                name="storefronts_shop_region_is_a_code", condition=Q(region__regex=r"^[0-9]{6}$")
            ),
            models.CheckConstraint(
                name="storefronts_shop_open_has_its_instant",
                condition=Q(opened_at__isnull=False)
                | ~Q(state__in=[ShopState.OPEN, ShopState.SUSPENDED]),
            ),
            models.CheckConstraint(
                name="storefronts_shop_review_has_its_instant",
                condition=Q(submitted_at__isnull=False) | Q(state=ShopState.DRAFT),
            ),
            models.CheckConstraint(
                name="storefronts_shop_commission_is_a_share",
                condition=Q(commission_bp__lte=10_000),
            ),
        ]
        indexes = [
            models.Index(name="storefronts_shop_by_state", fields=["state", "submitted_at", "id"]),
        ]

    def __str__(self) -> str:
        return self.name


class ShopMember(models.Model):
    """Somebody works in a shop; exactly one person owns it."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shop_memberships"
    )
    role = models.CharField(max_length=5, choices=MemberRole.choices)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="storefronts_shopmember_counts_once", fields=["shop", "user"]
            ),
            models.UniqueConstraint(
                name="storefronts_shopmember_one_owner",
                fields=["shop"],
                condition=Q(role=MemberRole.OWNER),
            ),
        ]

    def __str__(self) -> str:
        return self.role
