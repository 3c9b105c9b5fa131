"""What a section holds, as rows that its pages walk."""

from django.db import models
from django.db.models import Q

from marketplace.sections.models.section import Section
from shops.catalogue.models import Category, Product


class SectionMember(models.Model):
    """A product in a section, with the values that its lists are sorted and filtered by.

    Written only by `services.membership`, from the product's card; `is_shown` is False while the
    product is sold out, so that it comes back to its old place.
    """

    section = models.ForeignKey(
        Section, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    rank = models.BigIntegerField()
    is_pinned = models.BooleanField()
    is_shown = models.BooleanField()
    price_from_fen = models.BigIntegerField()
    sold = models.BigIntegerField()
    published_at = models.DateTimeField()
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    origin_county = models.CharField(max_length=6)
    origin_prefecture = models.CharField(max_length=6, default="", blank=True)
    origin_province = models.CharField(max_length=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sections_sectionmember_product_once", fields=["section", "product"]
            ),
        ]
        indexes = [
            models.Index(
                name="sections_member_by_rank",
                fields=["section", "rank", "product"],
                condition=Q(is_shown=True),
            ),
            models.Index(
                name="sections_member_by_price",
                fields=["section", "price_from_fen", "product"],
                condition=Q(is_shown=True),
            ),
            models.Index(
                name="sections_member_by_sold",
                fields=["section", "sold", "product"],
                condition=Q(is_shown=True),
            ),
            models.Index(
                name="sections_member_by_age",
                fields=["section", "published_at", "product"],
                condition=Q(is_shown=True),
            ),
            models.Index(
                name="sections_member_of_category",
                fields=["section", "category", "rank", "product"],
                condition=Q(is_shown=True),
            ),
            models.Index(
                name="sections_member_of_county",
                fields=["section", "origin_county", "rank", "product"],
                condition=Q(is_shown=True),
            ),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} in section {self.section_id}"


class SectionCount(models.Model):
    """How many shown members of a section come from one county and belong to one category.

    Moved by the statement that moves the members, so that facets never count them.
    """

    section = models.ForeignKey(
        Section, on_delete=models.CASCADE, related_name="counts", db_index=False
    )
    origin_county = models.CharField(max_length=6)
    origin_prefecture = models.CharField(max_length=6, default="", blank=True)
    origin_province = models.CharField(max_length=6)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    members = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sections_sectioncount_place_once",
                fields=["section", "origin_county", "category"],
            ),
            models.CheckConstraint(
                name="sections_sectioncount_is_never_negative", condition=Q(members__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.members} from {self.origin_county}"
