import uuid

from django.db import models
from django.db.models import Q

from core.uploads.models import Upload
from shops.catalogue.domain.goods import ProductClass, ProductState, TempClass
from shops.catalogue.models.category import Category
from shops.storefronts.models import Shop


class Product(models.Model):
    """What a shop offers, from one county, in one or more SKUs.

    `version` counts every change a buyer could see; edits are guarded by it.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="products")
    title = models.CharField(max_length=60)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    description = models.TextField(max_length=5_000, blank=True, default="")
    product_class = models.CharField(max_length=12, choices=ProductClass.choices)
    temp_class = models.CharField(max_length=8, choices=TempClass.choices)
    shelf_life_days = models.PositiveIntegerField(null=True, blank=True)
    origin_county = models.CharField(max_length=6)
    origin_prefecture = models.CharField(max_length=6, blank=True, default="")
    origin_province = models.CharField(max_length=6)
    freight_template = models.UUIDField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=ProductState.choices, default=ProductState.DRAFT, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="catalogue_product_state_is_known", condition=Q(state__in=ProductState.values)
            ),
            models.CheckConstraint(
                name="catalogue_product_published_has_its_instant",
                condition=Q(state=ProductState.DRAFT, published_at__isnull=True)
                | (~Q(state=ProductState.DRAFT) & Q(published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="catalogue_product_class_is_known",
                condition=Q(product_class__in=ProductClass.values),
            ),
            models.CheckConstraint(
                name="catalogue_product_temp_class_is_known",
                condition=Q(temp_class__in=TempClass.values),
            ),
            models.CheckConstraint(
                name="catalogue_product_origin_is_a_code",
                condition=Q(
                    origin_county__regex=r"^[0-9]{6}$", origin_province__regex=r"^[0-9]{2}0000$"
                ),
            ),
            models.CheckConstraint(
                name="catalogue_product_keeps_a_while",
                condition=Q(shelf_life_days__isnull=True) | Q(shelf_life_days__gte=1),
            ),
            models.CheckConstraint(name="catalogue_product_has_a_title", condition=~Q(title="")),
        ]
        indexes = [
            models.Index(name="catalogue_product_of_shop", fields=["shop", "-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.title


class ProductPhoto(models.Model):
    """One picture of a product; the first one is its cover."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="photos")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="catalogue_productphoto_place_once",
                fields=["product", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.position}"
