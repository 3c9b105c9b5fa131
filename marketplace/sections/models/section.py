"""A section and what somebody pinned to it."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.ranks import PIN_POSITION_MAX
from marketplace.sections.domain.states import SectionState
from shops.catalogue.models import Product


class Section(models.Model):
    """A hall of goods: a rule about origin, programme and category, plus pins.

    Each list of the rule that is not empty must be met; a rule without any list picks nothing, so
    that such a section holds only its pins. Origin and programme bind the pins too.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, default="", blank=True)
    intro = models.CharField(max_length=500, default="", blank=True)
    position = models.PositiveIntegerField(default=1_000)
    kind = models.CharField(
        max_length=10, choices=SectionKind.choices, default=SectionKind.PLAIN, editable=False
    )
    partner = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )
    # What a hall says of its county.
    county = models.CharField(max_length=6, default="", blank=True, editable=False)
    story = models.TextField(default="", blank=True)
    gi_mark = models.CharField(max_length=120, default="", blank=True)
    regions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    programmes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    categories = ArrayField(models.BigIntegerField(), default=list, blank=True)
    state = models.CharField(
        max_length=10, choices=SectionState.choices, default=SectionState.DRAFT, editable=False
    )
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sections_section_slug_once", fields=["slug"]),
            models.CheckConstraint(
                name="sections_section_slug_is_plain",
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
            ),
            models.CheckConstraint(name="sections_section_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="sections_section_kind_is_known", condition=Q(kind__in=SectionKind.values)
            ),
            models.CheckConstraint(
                name="sections_section_partner_fits_the_kind",
                condition=Q(kind=SectionKind.PLAIN, partner=None)
                | (~Q(kind=SectionKind.PLAIN) & Q(partner__isnull=False)),
            ),
            models.CheckConstraint(
                name="sections_section_hall_is_of_one_county",
                condition=Q(
                    kind=SectionKind.HALL,
                    county__regex=r"^[0-9]{6}$",
                    regions__len=1,
                    regions__0=F("county"),
                )
                | (~Q(kind=SectionKind.HALL) & Q(county="", story="", gi_mark="")),
            ),
            models.UniqueConstraint(
                name="sections_section_one_hall_per_county",
                fields=["county"],
                condition=Q(kind=SectionKind.HALL),
            ),
            models.CheckConstraint(
                name="sections_section_state_is_known",
                condition=Q(state__in=SectionState.values),
            ),
            models.CheckConstraint(
                name="sections_section_open_has_its_instant",
                condition=Q(state=SectionState.DRAFT, opened_at=None)
                | Q(state=SectionState.OPEN, opened_at__isnull=False)
                | Q(state__in=[SectionState.SCHEDULED, SectionState.CLOSED]),
            ),
            models.CheckConstraint(
                name="sections_section_scheduled_has_its_opening",
                condition=~Q(state=SectionState.SCHEDULED) | Q(opens_at__isnull=False),
            ),
            models.CheckConstraint(
                name="sections_section_window_is_forward",
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class ExternalListing(models.Model):
    """Where else a hall can be visited: its shelf on another platform."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="listings")
    platform = models.CharField(max_length=40)
    url = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sections_externallisting_url_once", fields=["section", "url"]
            ),
            models.CheckConstraint(
                name="sections_externallisting_url_is_safe",
                condition=Q(url__startswith="https://"),
            ),
            models.CheckConstraint(
                name="sections_externallisting_platform_has_a_name", condition=~Q(platform="")
            ),
        ]

    def __str__(self) -> str:
        return self.platform


class SectionPin(models.Model):
    """A product that somebody put at the top of a section by hand."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="pins")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    pinned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sections_sectionpin_product_once", fields=["section", "product"]
            ),
            models.CheckConstraint(
                name="sections_sectionpin_position_is_before_the_rule",
                condition=Q(position__gte=1, position__lte=PIN_POSITION_MAX),
            ),
        ]

    def __str__(self) -> str:
        return f"pin {self.position}"
