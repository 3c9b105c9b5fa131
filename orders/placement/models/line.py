"""The lines of an order, with everything that is ever asked about them frozen on that day."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.coupons.domain.kinds import BUDGETED, Funder
from orders.placement.domain.steps import BY_COUPONS, BY_SHOPS, Step
from orders.placement.models.shop_order import ShopOrder


class OrderLine(models.Model):
    """So many of one SKU, at that day's price, from that day's origin.

    `sale = paid + sum of its discounts`; beside it stands its part of the freight, of which
    `freight_fee_fen = freight_fen + sum of its discounts on freight`.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop_order = models.ForeignKey(
        ShopOrder, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    sku = models.ForeignKey(
        "catalogue.Sku", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        "catalogue.Product", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    quantity = models.PositiveIntegerField()

    # What one piece cost that day, and what it would have cost outside its activity.
    unit_price_fen = models.PositiveBigIntegerField()
    list_price_fen = models.PositiveBigIntegerField()
    activity_reference = models.UUIDField(null=True)
    activity_kind = models.CharField(max_length=10, default="")
    # The campaign that the activity belonged to.
    campaign_reference = models.UUIDField(null=True)
    sale_fen = models.PositiveBigIntegerField()
    paid_fen = models.PositiveBigIntegerField()
    # What of that is due first.
    deposit_fen = models.PositiveBigIntegerField(default=0)
    # What sending the line costs, and what the buyer pays of that.
    freight_fee_fen = models.PositiveBigIntegerField()
    freight_fen = models.PositiveBigIntegerField()
    refunded_quantity = models.PositiveIntegerField(default=0)
    refunded_fen = models.PositiveBigIntegerField(default=0)

    title = models.CharField(max_length=200)
    spec = models.CharField(max_length=200)
    product_class = models.CharField(max_length=20)
    temp_class = models.CharField(max_length=20)
    # Of the whole line, not of one piece.
    net_weight_g = models.PositiveBigIntegerField()
    gross_weight_g = models.PositiveBigIntegerField()

    # Attribution: who earned it, from where, on whose word. Reports read nothing else.
    shop = models.ForeignKey(
        "storefronts.Shop", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category_id = models.BigIntegerField()
    origin_county = models.CharField(max_length=6)
    origin_prefecture = models.CharField(max_length=6, default="")
    origin_province = models.CharField(max_length=6)
    # The pairing of regions that the sale counts for; never more than one.
    pairing = models.ForeignKey(
        "regions.RegionPairing",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    # Who ordered for the buyer, where somebody did.
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop_order", "sku"], name="placement_orderline_sku_is_there_once"
            ),
            models.CheckConstraint(
                name="placement_orderline_quantity_is_positive", condition=Q(quantity__gte=1)
            ),
            models.CheckConstraint(
                name="placement_orderline_sale_is_price_times_quantity",
                condition=Q(sale_fen=F("unit_price_fen") * F("quantity")),
            ),
            models.CheckConstraint(
                name="placement_orderline_only_activities_change_the_price",
                condition=Q(
                    activity_reference=None,
                    activity_kind="",
                    unit_price_fen=F("list_price_fen"),
                )
                | Q(activity_reference__isnull=False) & ~Q(activity_kind=""),
            ),
            models.CheckConstraint(
                name="placement_orderline_campaign_comes_by_its_activity",
                condition=Q(campaign_reference=None) | Q(activity_reference__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_orderline_paid_within_sale",
                condition=Q(paid_fen__lte=F("sale_fen")),
            ),
            models.CheckConstraint(
                name="placement_orderline_deposit_within_paid",
                condition=Q(deposit_fen__lte=F("paid_fen")),
            ),
            models.CheckConstraint(
                name="placement_orderline_freight_within_fee",
                condition=Q(freight_fen__lte=F("freight_fee_fen")),
            ),
            models.CheckConstraint(
                name="placement_orderline_refund_within_paid",
                condition=Q(refunded_quantity__lte=F("quantity"))
                & Q(refunded_fen__lte=F("paid_fen") + F("freight_fen")),
            ),
        ]
        indexes = [
            models.Index(fields=["sku"], name="placement_orderline_of_sku"),
            models.Index(fields=["origin_county"], name="placement_orderline_county"),
            models.Index(
                fields=["activity_reference"],
                name="placement_orderline_activity",
                condition=Q(activity_reference__isnull=False),
            ),
            models.Index(
                fields=["campaign_reference"],
                name="placement_orderline_campaign",
                condition=Q(campaign_reference__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"


class LineProgramme(models.Model):
    """A programme that the line's county belonged to on the day of the order."""

    line = models.ForeignKey(
        OrderLine, on_delete=models.CASCADE, related_name="programmes", db_index=False
    )
    slug = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "slug"], name="placement_lineprogramme_is_there_once"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class LineSection(models.Model):
    """A section that showed the line's product when it was ordered."""

    line = models.ForeignKey(
        OrderLine, on_delete=models.CASCADE, related_name="sections", db_index=False
    )
    section = models.ForeignKey(
        "sections.Section", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "section"], name="placement_linesection_is_there_once"
            ),
        ]

    def __str__(self) -> str:
        return f"section {self.section_id}"


class LineDiscount(models.Model):
    """What one funder takes off one line, or off its freight, at one step of the pipeline.

    By a coupon of a batch, by a shop's full reduction, or by a deposit that is worth more than it
    is.
    """

    line = models.ForeignKey(
        OrderLine, on_delete=models.CASCADE, related_name="discounts", db_index=False
    )
    # The step of the price pipeline (`domain/steps.py`), which also says what it is taken off.
    kind = models.CharField(max_length=20)
    coupon_reference = models.UUIDField(null=True)
    batch = models.ForeignKey(
        "coupons.CouponBatch", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reduction = models.ForeignKey(
        "reductions.ShopReduction",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    funder = models.CharField(max_length=12)
    budget_reference = models.UUIDField(null=True)
    amount_fen = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            # One reduction, one coupon of the shop and one of the platform count for a line.
            models.UniqueConstraint(
                fields=["line", "kind", "funder"],
                name="placement_linediscount_funder_is_there_once",
            ),
            models.CheckConstraint(
                name="placement_linediscount_source_fits_the_kind",
                condition=Q(
                    kind=Step.SHOP_REDUCTION,
                    reduction__isnull=False,
                    coupon_reference=None,
                    batch=None,
                )
                | Q(kind=Step.DEPOSIT_WORTH, reduction=None, coupon_reference=None, batch=None)
                | Q(
                    kind__in=BY_COUPONS,
                    reduction=None,
                    coupon_reference__isnull=False,
                    batch__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="placement_linediscount_shops_bear_their_own",
                condition=~Q(kind__in=BY_SHOPS) | Q(funder=Funder.SHOP),
            ),
            models.CheckConstraint(
                name="placement_linediscount_amount_is_positive", condition=Q(amount_fen__gt=0)
            ),
            models.CheckConstraint(
                name="placement_linediscount_budget_pays_its_own_part",
                condition=Q(funder__in=BUDGETED, budget_reference__isnull=False)
                | Q(~Q(funder__in=BUDGETED), budget_reference=None),
            ),
        ]
        indexes = [
            models.Index(fields=["coupon_reference"], name="placement_linediscount_coupon"),
            models.Index(
                fields=["reduction"],
                name="placement_linediscount_reduced",
                condition=Q(reduction__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.funder} {self.amount_fen}"
