"""A county's brand, the shops that may use its mark, and the goods that bear it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.sections.domain.branding import BrandKind, BrandState
from shops.catalogue.models import Category, Product
from shops.storefronts.models import Shop


class RegionalBrand(models.Model):
    """A brand that a county stands behind, for goods of one category; one flagship at a time."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    county = models.CharField(max_length=6)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=8, choices=BrandKind.choices)
    name = models.CharField(max_length=40)
    # The geographical indication that protects it, as it is registered; empty where none does.
    gi_mark = models.CharField(max_length=120, default="", blank=True)
    state = models.CharField(
        max_length=7, choices=BrandState.choices, default=BrandState.ACTIVE, editable=False
    )
    created_at = models.DateTimeField(editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sections_regionalbrand_one_flagship_per_county",
                fields=["county"],
                condition=Q(kind=BrandKind.FLAGSHIP, state=BrandState.ACTIVE),
            ),
            models.CheckConstraint(
                name="sections_regionalbrand_county_is_a_code",
                condition=Q(county__regex=r"^[0-9]{6}$"),
            ),
            models.CheckConstraint(
                name="sections_regionalbrand_kind_is_known", condition=Q(kind__in=BrandKind.values)
            ),
            models.CheckConstraint(name="sections_regionalbrand_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="sections_regionalbrand_retired_has_its_instant",
                condition=Q(state=BrandState.ACTIVE, retired_at=None)
                | Q(state=BrandState.RETIRED, retired_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="sections_brand_of_county", fields=["county", "id"]),
        ]

    def __str__(self) -> str:
        return self.name


class BrandAuthorisation(models.Model):
    """A shop that may use a brand's mark, until that is ended."""

    brand = models.ForeignKey(
        RegionalBrand, on_delete=models.PROTECT, related_name="authorisations", db_index=False
    )
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    authorised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    authorised_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sections_brandauthorisation_one_at_a_time",
                fields=["brand", "shop"],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="sections_brandauthorisation_window_is_forward",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("authorised_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"brand {self.brand_id}, shop {self.shop_id}"


class BrandMark(models.Model):
    """A product that bears a brand's mark, by the authorisation of its shop.

    Written only by `services.marks`, which asks the authorisation in the same statement.
    """

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="+")
    authorisation = models.ForeignKey(
        BrandAuthorisation, on_delete=models.PROTECT, related_name="marks"
    )
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"mark on product {self.product_id}"
