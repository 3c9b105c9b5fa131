from django.db import models
from django.db.models import F, Q

from core.http.enums import offered


@offered
class Resolution(models.TextChoices):
    """How a row of an official list was matched to a present division."""

    SAME = "SAME", "Code and name agree|代码与名称一致"
    RENAMED = "RENAMED", "The listed name is older|名称已变更"
    RECODED = "RECODED", "The listed code is no longer used|代码已变更"
    MERGED = "MERGED", "Merged into another division|已并入其他区划"


@offered
class Precision(models.TextChoices):
    """How exactly the ends of a membership are known."""

    DAY = "DAY", "To the day|精确到日"
    YEAR = "YEAR", "To the year|精确到年"


class Programme(models.Model):
    """A public programme that counties belong to for a time.

    With a region it is of that region's own people; without one its list is official and loaded.
    """

    slug = models.SlugField(max_length=40)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    source = models.TextField()
    region = models.CharField(max_length=6, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="regions_programme_slug_once", fields=["slug"]),
            models.CheckConstraint(
                name="regions_programme_region_is_a_code",
                condition=Q(region="") | Q(region__regex=r"^[0-9]{6}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class ProgrammeMembership(models.Model):
    """One row of a programme's official list, and the present division it stands for.

    The exclusion constraint `regions_programmemembership_listed_once` stands in a migration of its
    own: a county may leave a programme and come back, and is never listed twice at a time.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="memberships")
    region_code = models.CharField(max_length=6)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    start_is_assumed = models.BooleanField(default=False)
    precision = models.CharField(max_length=4, choices=Precision.choices)
    left_year = models.PositiveSmallIntegerField(null=True)
    listed_code = models.CharField(max_length=6)
    listed_name = models.CharField(max_length=60)
    resolution = models.CharField(max_length=10, choices=Resolution.choices)
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="regions_programmemembership_window_is_forward",
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_from__lt=F("valid_until")),
            ),
            models.CheckConstraint(
                name="regions_programmemembership_is_explained", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="regions_programmemembership_resolution_is_known",
                condition=Q(resolution__in=Resolution.values),
            ),
            models.CheckConstraint(
                name="regions_programmemembership_precision_is_known",
                condition=Q(precision__in=Precision.values),
            ),
        ]
        indexes = [
            models.Index(name="regions_programmemembership_of", fields=["region_code"]),
        ]

    def __str__(self) -> str:
        return f"{self.listed_code} {self.listed_name}"
