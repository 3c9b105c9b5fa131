from django.db import models
from django.db.models import F, Q

from core.http.enums import offered
from core.regions.codes import Level

offered(Level)


class Region(models.Model):
    """One division under one name, for as long as that name and code were in force.

    Codes are text. An open start or end is null; `end_is_assumed` says that the day is the latest
    possible one, because the tables only show that the division was gone by then. The exclusion
    constraint `regions_region_validity_never_overlaps` stands in a migration of its own.
    """

    code = models.CharField(max_length=6)
    name = models.CharField(max_length=60)
    full_name = models.CharField(max_length=120)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent_code = models.CharField(max_length=6, blank=True, default="")
    province_code = models.CharField(max_length=6)
    prefecture_code = models.CharField(max_length=6, blank=True, default="")
    is_place = models.BooleanField(
        default=False,
        help_text="Goods may come from here and parcels may go here: nothing lies below.",
    )
    pinyin = models.CharField(max_length=160)
    initials = models.CharField(max_length=40)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    end_is_assumed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="regions_region_current_once",
                fields=["code"],
                condition=Q(valid_until__isnull=True),
            ),
            models.CheckConstraint(
                name="regions_region_code_is_six_digits", condition=Q(code__regex=r"^[0-9]{6}$")
            ),
            models.CheckConstraint(
                name="regions_region_validity_is_forward",
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_from__lt=F("valid_until")),
            ),
            models.CheckConstraint(
                name="regions_region_level_is_known", condition=Q(level__in=Level.values)
            ),
            models.CheckConstraint(
                name="regions_region_coordinates_are_whole",
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="regions_region_only_provinces_have_no_parent",
                condition=Q(level=Level.PROVINCE, parent_code="")
                | (~Q(level=Level.PROVINCE) & ~Q(parent_code="")),
            ),
        ]
        indexes = [
            models.Index(name="regions_region_children", fields=["parent_code", "code"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.full_name}"
