from django.db import models
from django.db.models import Q

from shops.catalogue.models.category import Category
from shops.catalogue.models.product import Product
from shops.storefronts.models import Shop


class ProductCard(models.Model):
    """A product as lists show it, prepared when the product changes and not when it is read.

    A card is there from the first publication on; `is_listed` tells whether buyers see it: the
    product is published and its shop is open. `body` is what the API answers, except what changes
    without the product: `sold` and `in_stock` are added when it is read, and of `promotions`, the
    SKUs' prices for a time, those that count at that instant.
    """

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, related_name="card", primary_key=True
    )
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    origin_county = models.CharField(max_length=6)
    origin_prefecture = models.CharField(max_length=6, blank=True, default="")
    origin_province = models.CharField(max_length=6)
    price_from_fen = models.BigIntegerField()
    sold = models.BigIntegerField(default=0)
    in_stock = models.BooleanField(default=True)
    is_listed = models.BooleanField(default=True)
    published_at = models.DateTimeField()
    version = models.PositiveIntegerField()
    body = models.JSONField()
    detail = models.JSONField(default=dict)
    promotions = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="catalogue_productcard_sold_is_never_negative", condition=Q(sold__gte=0)
            ),
        ]
        indexes = [
            models.Index(
                name="catalogue_card_newest",
                fields=["-published_at", "-product"],
                condition=Q(is_listed=True),
            ),
            models.Index(
                name="catalogue_card_cheapest",
                fields=["price_from_fen", "product"],
                condition=Q(is_listed=True),
            ),
            models.Index(
                name="catalogue_card_most_sold",
                fields=["-sold", "-product"],
                condition=Q(is_listed=True),
            ),
            models.Index(
                name="catalogue_card_of_shop", fields=["shop", "-published_at", "-product"]
            ),
            models.Index(
                name="catalogue_card_of_category",
                fields=["category", "-published_at", "-product"],
                condition=Q(is_listed=True),
            ),
            models.Index(
                name="catalogue_card_of_county",
                fields=["origin_county", "-published_at", "-product"],
                condition=Q(is_listed=True),
            ),
            models.Index(
                name="catalogue_card_promoted", fields=["product"], condition=~Q(promotions=[])
            ),
        ]

    def __str__(self) -> str:
        return f"card of product {self.pk}"
