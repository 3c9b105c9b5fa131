"""A basket and its lines."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.baskets.domain.limits import QUANTITY_MAX


class Basket(models.Model):
    """What one person means to buy.

    Its version moves with every change, so that a tab that is behind is noticed and one basket is
    ordered at most once.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="basket"
    )
    version = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"basket {self.reference} v{self.version}"


class BasketLine(models.Model):
    """So many of one SKU."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    sku = models.ForeignKey("catalogue.Sku", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["basket", "sku"], name="baskets_basketline_sku_is_there_once"
            ),
            models.CheckConstraint(
                name="baskets_basketline_quantity_is_positive",
                condition=Q(quantity__gte=1) & Q(quantity__lte=QUANTITY_MAX),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku_id}"
