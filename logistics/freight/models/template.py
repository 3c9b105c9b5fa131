"""How a shop charges for sending."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from logistics.freight.domain.promising import PROMISE_HOURS
from logistics.freight.domain.tariff import ChargeBy, Mode
from shops.storefronts.models import Shop


class FreightTemplate(models.Model):
    """What a shop charges, where it sends for nothing, and where it does not send at all."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    charge_by = models.CharField(max_length=6, choices=ChargeBy.choices)
    mode = models.CharField(max_length=11, choices=Mode.choices)
    no_ship_regions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    promise_hours = models.PositiveSmallIntegerField(default=PROMISE_HOURS)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="freight_freighttemplate_name_once_per_shop", fields=["shop", "name"]
            ),
            models.CheckConstraint(
                name="freight_freighttemplate_counts_weight_or_pieces",
                condition=Q(charge_by__in=ChargeBy.values),
            ),
            models.CheckConstraint(
                name="freight_freighttemplate_mode_is_known", condition=Q(mode__in=Mode.values)
            ),
            models.CheckConstraint(
                name="freight_freighttemplate_promises_a_time",
                condition=Q(promise_hours__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FreightRule(models.Model):
    """The fees in some regions; without regions it is the template's default."""

    template = models.ForeignKey(FreightTemplate, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    regions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    first_unit = models.BigIntegerField()
    first_fee_fen = models.BigIntegerField()
    add_unit = models.BigIntegerField()
    add_fee_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="freight_freightrule_one_default",
                fields=["template"],
                condition=Q(regions=[]),
            ),
            models.CheckConstraint(
                name="freight_freightrule_counts_in_units",
                condition=Q(first_unit__gte=1, add_unit__gte=1),
            ),
            models.CheckConstraint(
                name="freight_freightrule_fees_are_never_negative",
                condition=Q(first_fee_fen__gte=0, add_fee_fen__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.position}"


class FreightFreeRule(models.Model):
    """Conditions under which sending is free; all that are set must hold."""

    template = models.ForeignKey(
        FreightTemplate, on_delete=models.CASCADE, related_name="free_rules"
    )
    position = models.PositiveSmallIntegerField()
    regions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    min_pieces = models.BigIntegerField(null=True, blank=True)
    min_weight_g = models.BigIntegerField(null=True, blank=True)
    min_amount_fen = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="freight_freightfreerule_has_a_condition",
                # A comparison with NULL is not false, and a CHECK lets everything but false pass.
                condition=Q(min_pieces__isnull=False, min_pieces__gte=1)
                | Q(min_weight_g__isnull=False, min_weight_g__gte=1)
                | Q(min_amount_fen__isnull=False, min_amount_fen__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"free rule {self.position}"
