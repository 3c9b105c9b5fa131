import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.quotas.models import Quota
from shops.catalogue.models.product import Product

PRICE_FEN_MAX = 10_000_000_000_000


class Sku(models.Model):
    """One size of a product: what it costs, what it weighs, and the quota that is its stock."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="skus")
    spec = models.CharField(max_length=60)
    price_fen = models.BigIntegerField()
    net_weight_g = models.BigIntegerField()
    gross_weight_g = models.BigIntegerField()
    stock_quota = models.OneToOneField(Quota, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="catalogue_sku_spec_once", fields=["product", "spec"]),
            models.CheckConstraint(
                name="catalogue_sku_price_is_positive",
                condition=Q(price_fen__gte=1, price_fen__lte=PRICE_FEN_MAX),
            ),
            models.CheckConstraint(
                name="catalogue_sku_weighs_something", condition=Q(net_weight_g__gte=1)
            ),
            models.CheckConstraint(
                name="catalogue_sku_gross_covers_net",
                condition=Q(gross_weight_g__gte=F("net_weight_g")),
            ),
        ]

    def __str__(self) -> str:
        return self.spec


class StockAdjustment(models.Model):
    """Why the total of a stock is what it is: the sum of these rows is the quota's total."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="adjustments")
    change = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="catalogue_stockadjustment_changes_something", condition=~Q(change=0)
            ),
            models.CheckConstraint(
                name="catalogue_stockadjustment_has_a_reason", condition=~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change:+d}"
