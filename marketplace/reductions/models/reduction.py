"""A shop's full reduction, its tiers, and the goods it counts for."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from marketplace.reductions.domain.states import LIVE, ReductionState
from shops.catalogue.models import Product
from shops.storefronts.models import Shop

# One number as a range, so that no extension is needed to exclude by it. Of nothing it is the
# range without ends: all products there are, and will be.
_ONE_SHOP = Func(F("shop"), F("shop"), Value("[]"), function="int8range")
_PRODUCTS = Func(F("product"), F("product"), Value("[]"), function="int8range")
_WINDOW = Func(F("starts_at"), F("ends_at"), function="tstzrange")


class ShopReduction(models.Model):
    """Money that a shop takes off its own goods, in tiers, in a window `[starts_at, ends_at)`.

    The shop bears it alone. What it says never changes: a shop ends it and sets up another.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    state = models.CharField(
        max_length=10,
        choices=ReductionState.choices,
        default=ReductionState.SCHEDULED,
        editable=False,
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Whether goods that are sold at an activity's price count too.
    allow_on_activity_price = models.BooleanField(default=False)
    next_attempt_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reductions_shopreduction_has_a_name", condition=~Q(name="")
            ),
            models.CheckConstraint(
                name="reductions_shopreduction_window_is_forward",
                condition=Q(starts_at__lt=F("ends_at")),
            ),
            models.CheckConstraint(
                name="reductions_shopreduction_ended_has_its_instant",
                condition=Q(state=ReductionState.ENDED, ended_at__isnull=False)
                | Q(state__in=LIVE, ended_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "-created_at", "-id"], name="reductions_shopreduction_shop"
            ),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="reductions_shopreduction_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReductionTier(models.Model):
    """So much off, from an amount on or from a number of pieces on."""

    reduction = models.ForeignKey(
        ShopReduction, on_delete=models.CASCADE, related_name="tiers", db_index=False
    )
    threshold_fen = models.BigIntegerField(null=True)
    threshold_pieces = models.IntegerField(null=True)
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="reductions_reductiontier_threshold_once",
                fields=["reduction", "threshold_fen", "threshold_pieces"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="reductions_reductiontier_has_one_threshold",
                condition=Q(threshold_fen__isnull=True) ^ Q(threshold_pieces__isnull=True),
            ),
            models.CheckConstraint(
                name="reductions_reductiontier_figures_are_positive",
                condition=Q(
                    Q(threshold_fen__isnull=True) | Q(threshold_fen__gt=0),
                    Q(threshold_pieces__isnull=True) | Q(threshold_pieces__gt=0),
                    amount_fen__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="reductions_reductiontier_takes_less_than_it_asks",
                condition=Q(threshold_fen__isnull=True) | Q(amount_fen__lt=F("threshold_fen")),
            ),
        ]

    def __str__(self) -> str:
        asked = self.threshold_fen or self.threshold_pieces
        return f"{self.amount_fen} off from {asked}"


class ReductionCover(models.Model):
    """One product that a reduction counts for; without one, everything that the shop sells.

    Shop, window and end are those of the reduction, so that the database can refuse two reductions
    of one product at an instant.
    """

    reduction = models.ForeignKey(ShopReduction, on_delete=models.CASCADE, related_name="covers")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(
        Product, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="reductions_reductioncover_one_at_an_instant",
                expressions=[
                    (_ONE_SHOP, RangeOperators.OVERLAPS),
                    (_PRODUCTS, RangeOperators.OVERLAPS),
                    (_WINDOW, RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "ends_at"],
                name="reductions_reductioncover_open",
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} of reduction {self.reduction_id}"
