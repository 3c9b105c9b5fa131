from django.db import models
from django.db.models import Q

from shops.catalogue.domain.goods import ReturnClass, TempClass


class Category(models.Model):
    """A place in the tree of goods, with what its goods have in common.

    The tree ships with the project; `reference` is derived from the slug, so that it is the same
    everywhere. `path` holds the keys from the root down to the category itself.
    """

    reference = models.UUIDField(unique=True, editable=False)
    slug = models.SlugField(max_length=40)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    path = models.JSONField(default=list)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    product_classes = models.JSONField(
        default=list, help_text="Which classes of goods belong here, the usual one first."
    )
    licence_kind = models.CharField(
        max_length=20, blank=True, default="", help_text="A paper its sellers need besides."
    )
    temp_class = models.CharField(
        max_length=8, choices=TempClass.choices, default=TempClass.AMBIENT
    )
    return_class = models.CharField(
        max_length=24, choices=ReturnClass.choices, default=ReturnClass.EXCLUDED
    )
    auto_confirm_hours = models.PositiveIntegerField(default=168)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="catalogue_category_slug_once", fields=["slug"]),
            models.CheckConstraint(
                name="catalogue_category_temp_class_is_known",
                condition=Q(temp_class__in=TempClass.values),
            ),
            models.CheckConstraint(
                name="catalogue_category_return_class_is_known",
                condition=Q(return_class__in=ReturnClass.values),
            ),
            models.CheckConstraint(
                name="catalogue_category_confirms_after_a_while",
                condition=Q(auto_confirm_hours__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.slug
