"""A price for a time, with pieces of its own, and how many of them each person took."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from core.quotas.models import Quota
from marketplace.activities.domain.kinds import DEPOSIT_TIMES_MIN, ActivityKind
from marketplace.activities.domain.states import LIVE, ActivityState
from shops.catalogue.models import Product, Sku
from shops.storefronts.models import Shop

# One number as a range, so that no extension is needed to exclude by it.
_ONE_SKU = Func(F("sku"), F("sku"), Value("[]"), function="int8range")
_WINDOW = Func(F("starts_at"), F("ends_at"), function="tstzrange")


class Activity(models.Model):
    """A SKU at a price of its own in a window `[starts_at, ends_at)`, from pieces set apart for it.

    `returned` counts the pieces that went back to the stock. Until `closes_at` what began in time
    may still be finished, such as a team; what is left goes back then.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=ActivityKind.choices)
    state = models.CharField(
        max_length=10,
        choices=ActivityState.choices,
        default=ActivityState.SCHEDULED,
        editable=False,
    )
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    price_fen = models.BigIntegerField()
    # What the SKU cost when this was agreed.
    list_price_fen = models.BigIntegerField()
    quantity = models.BigIntegerField()
    returned = models.BigIntegerField(default=0)
    per_user_limit = models.PositiveIntegerField(null=True)
    # Of a pre-sale that is paid in two steps, for each piece: what is paid first, and what that
    # takes off the price.
    deposit_fen = models.BigIntegerField(null=True)
    deposit_worth_fen = models.BigIntegerField(null=True)
    quota = models.OneToOneField(Quota, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    # The campaign that it belongs to, which stands above and is named only.
    campaign_reference = models.UUIDField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="activities_activity_one_price_at_an_instant",
                expressions=[
                    (_ONE_SKU, RangeOperators.OVERLAPS),
                    (_WINDOW, RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=LIVE),
            ),
            models.UniqueConstraint(
                name="activities_activity_one_flash_sale_per_product",
                fields=["product"],
                condition=Q(kind=ActivityKind.FLASH, state__in=LIVE),
            ),
            models.CheckConstraint(
                name="activities_activity_window_is_forward",
                condition=Q(starts_at__lt=F("ends_at"), ends_at__lte=F("closes_at")),
            ),
            models.CheckConstraint(
                name="activities_activity_price_is_below_list",
                condition=Q(price_fen__gte=1, price_fen__lt=F("list_price_fen")),
            ),
            models.CheckConstraint(
                name="activities_activity_pieces_return_once",
                condition=Q(quantity__gte=1, returned__gte=0, returned__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="activities_activity_limit_is_positive",
                condition=Q(per_user_limit=None) | Q(per_user_limit__gte=1),
            ),
            models.CheckConstraint(
                name="activities_activity_deposit_belongs_to_presales",
                condition=Q(deposit_fen=None, deposit_worth_fen=None)
                | Q(
                    kind=ActivityKind.PRESALE,
                    deposit_fen__gte=1,
                    deposit_worth_fen__gte=F("deposit_fen"),
                    deposit_worth_fen__lte=F("price_fen"),
                ),
            ),
            models.CheckConstraint(
                name="activities_activity_deposit_is_a_fifth_at_most",
                condition=Q(deposit_fen=None)
                | Q(
                    price_fen__gte=F("deposit_worth_fen")
                    - F("deposit_fen")
                    + F("deposit_fen") * DEPOSIT_TIMES_MIN
                ),
            ),
            models.CheckConstraint(
                name="activities_activity_kind_is_known",
                condition=Q(kind__in=ActivityKind.values),
            ),
            models.CheckConstraint(
                name="activities_activity_ended_has_its_instant",
                condition=Q(state=ActivityState.ENDED, ended_at__isnull=False)
                | Q(state__in=LIVE, ended_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-created_at", "-id"], name="activities_activity_of_shop"),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="activities_activity_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["ends_at"],
                name="activities_activity_live",
                condition=Q(state__in=LIVE),
            ),
            models.Index(
                fields=["campaign_reference"],
                name="activities_activity_campaign",
                condition=Q(campaign_reference__isnull=False),
            ),
            models.Index(
                fields=["starts_at", "id"],
                name="activities_activity_flash_live",
                condition=Q(kind=ActivityKind.FLASH, state__in=LIVE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class ActivityBuyer(models.Model):
    """How many pieces of a limited activity one person has, ordered or bought."""

    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="buyers", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    bought = models.PositiveIntegerField()
    allowed = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "user"], name="activities_activitybuyer_counted_once"
            ),
            models.CheckConstraint(
                name="activities_activitybuyer_never_above_the_limit",
                condition=Q(bought__lte=F("allowed")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bought} of {self.allowed}"
