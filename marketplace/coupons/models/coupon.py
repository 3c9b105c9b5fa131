"""Somebody's coupon, how many they took, and where each was used."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.coupons.domain.kinds import BUDGETED, Funder
from marketplace.coupons.domain.states import CouponState
from marketplace.coupons.models.batch import CouponBatch
from marketplace.coupons.models.budget import CouponBudget
from marketplace.coupons.models.code import CouponCode

_IN_AN_ORDER = (CouponState.LOCKED, CouponState.USED)


class ClaimCount(models.Model):
    """How many coupons of a batch one person has claimed, ever."""

    batch = models.ForeignKey(
        CouponBatch, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    claimed = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_claimcount_one_per_person", fields=["batch", "user"]
            ),
            models.CheckConstraint(
                name="coupons_claimcount_is_positive", condition=Q(claimed__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} claimed {self.claimed} of batch {self.batch_id}"


class UserCoupon(models.Model):
    """A coupon in somebody's wallet."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(
        CouponBatch, on_delete=models.PROTECT, related_name="coupons", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=CouponState.choices, default=CouponState.UNUSED)
    # Whether it is of a batch for new users; a constraint looks at nothing but its own row.
    is_for_newcomers = models.BooleanField(default=False)
    # The code that gave it, where its batch is handed out by codes.
    code = models.ForeignKey(
        CouponCode, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    claimed_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    order_reference = models.UUIDField(null=True)
    used_at = models.DateTimeField(null=True)
    # Set once the coupon can no longer come back: its spare money has been freed.
    settled_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="coupons_usercoupon_window_is_forward",
                condition=Q(valid_from__lt=F("valid_until"), claimed_at__lte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="coupons_usercoupon_in_an_order_while_locked_or_used",
                condition=Q(state__in=_IN_AN_ORDER, order_reference__isnull=False)
                | (~Q(state__in=_IN_AN_ORDER) & Q(order_reference__isnull=True)),
            ),
            models.CheckConstraint(
                name="coupons_usercoupon_use_is_dated",
                condition=Q(state=CouponState.USED, used_at__isnull=False)
                | (~Q(state=CouponState.USED) & Q(used_at__isnull=True, settled_at__isnull=True)),
            ),
            models.UniqueConstraint(
                name="coupons_usercoupon_code_gives_one",
                fields=["code"],
                condition=Q(code__isnull=False),
            ),
            models.UniqueConstraint(
                name="coupons_usercoupon_one_first_order",
                fields=["user"],
                condition=Q(is_for_newcomers=True, state__in=_IN_AN_ORDER),
            ),
            models.CheckConstraint(
                name="coupons_usercoupon_expiry_is_dated",
                condition=Q(state=CouponState.EXPIRED, expired_at__isnull=False)
                | (~Q(state=CouponState.EXPIRED) & Q(expired_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="coupons_usercoupon_voiding_is_dated",
                condition=Q(state=CouponState.VOIDED, voided_at__isnull=False)
                | (~Q(state=CouponState.VOIDED) & Q(voided_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-claimed_at", "-id"], name="coupons_usercoupon_wallet"),
            models.Index(fields=["batch", "state"], name="coupons_usercoupon_of_batch"),
            models.Index(
                fields=["order_reference"],
                condition=Q(order_reference__isnull=False),
                name="coupons_usercoupon_of_order",
            ),
            models.Index(
                fields=["valid_until", "id"],
                condition=Q(state=CouponState.UNUSED),
                name="coupons_usercoupon_runs_out",
            ),
        ]

    def __str__(self) -> str:
        return f"coupon {self.reference}"


class CouponUse(models.Model):
    """What one funder bore of one coupon on one line of an order."""

    coupon = models.ForeignKey(
        UserCoupon, on_delete=models.PROTECT, related_name="uses", db_index=False
    )
    order_reference = models.UUIDField()
    line_reference = models.UUIDField()
    funder = models.CharField(max_length=12, choices=Funder.choices)
    budget = models.ForeignKey(
        CouponBudget, null=True, on_delete=models.PROTECT, related_name="uses", db_index=False
    )
    amount_fen = models.BigIntegerField()
    used_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_couponuse_once_per_line_and_funder",
                fields=["coupon", "line_reference", "funder"],
            ),
            models.CheckConstraint(
                name="coupons_couponuse_is_of_something", condition=Q(amount_fen__gt=0)
            ),
            models.CheckConstraint(
                name="coupons_couponuse_budget_pays_its_own_part",
                condition=Q(funder__in=BUDGETED, budget__isnull=False)
                | (~Q(funder__in=BUDGETED) & Q(budget__isnull=True)),
            ),
            models.CheckConstraint(
                name="coupons_couponuse_reversed_after_use",
                condition=Q(reversed_at__isnull=True) | Q(reversed_at__gte=F("used_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["order_reference"], name="coupons_couponuse_of_order"),
            models.Index(
                fields=["budget", "-used_at", "-id"],
                condition=Q(budget__isnull=False),
                name="coupons_couponuse_of_budget",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_fen} fen by {self.funder}"
