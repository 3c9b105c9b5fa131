"""A box, what is in it, and what its carrier says."""

import uuid

from django.db import models
from django.db.models import Q

from core.accounts.sealing import SealedTextField
from logistics.parcels.domain.states import SCANNED, ParcelState
from shops.storefronts.models import Shop

_UNBOOKED = [ParcelState.PLANNED, ParcelState.CANCELLED]
_AT_HOME = [*_UNBOOKED, ParcelState.CREATED]


class Parcel(models.Model):
    """A box of one temperature class on its way from a shop to a buyer.

    `next_attempt_at` is when its carrier is asked next: for a waybill, to cancel, or for news.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop_order_reference = models.UUIDField()
    part = models.PositiveSmallIntegerField()
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    is_posted_by_seller = models.BooleanField(default=False)
    temp_class = models.CharField(max_length=8)
    gross_g = models.PositiveBigIntegerField()
    carrier = models.CharField(max_length=40)
    waybill_no = models.CharField(max_length=40, default="", blank=True)
    state = models.CharField(
        max_length=10, choices=ParcelState.choices, default=ParcelState.PLANNED, editable=False
    )
    recipient = SealedTextField()
    phone = SealedTextField()
    street = SealedTextField()
    region = models.CharField(max_length=6)
    planned_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="parcels_parcel_part_once_per_shop_order",
                fields=["shop_order_reference", "part"],
            ),
            models.UniqueConstraint(
                name="parcels_parcel_waybill_names_one_parcel",
                fields=["carrier", "waybill_no"],
                condition=~Q(waybill_no=""),
            ),
            models.CheckConstraint(
                name="parcels_parcel_state_is_known", condition=Q(state__in=ParcelState.values)
            ),
            models.CheckConstraint(
                name="parcels_parcel_travels_under_a_waybill",
                condition=Q(state__in=_UNBOOKED) | (~Q(waybill_no="") & Q(booked_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="parcels_parcel_on_its_way_was_handed_over",
                condition=Q(state__in=_AT_HOME) | Q(handed_over_at__isnull=False),
            ),
            models.CheckConstraint(
                name="parcels_parcel_signed_has_its_instant",
                condition=~Q(state=ParcelState.SIGNED) | Q(signed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="parcels_parcel_cancelled_has_its_instant",
                condition=Q(state=ParcelState.CANCELLED, cancelled_at__isnull=False)
                | (~Q(state=ParcelState.CANCELLED) & Q(cancelled_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="parcels_parcel_parked_waits_for_a_person",
                condition=Q(parked_at__isnull=True) | Q(next_attempt_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                name="parcels_parcel_due",
                fields=["next_attempt_at", "id"],
                condition=Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                name="parcels_parcel_parked",
                fields=["parked_at"],
                condition=Q(parked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.waybill_no or str(self.reference)


class ParcelLine(models.Model):
    """So many pieces of one order line, named by the order's own references."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines")
    line_reference = models.UUIDField()
    sku_reference = models.UUIDField()
    title = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="parcels_parcelline_once_per_parcel", fields=["parcel", "line_reference"]
            ),
            models.CheckConstraint(
                name="parcels_parcelline_is_never_empty", condition=Q(quantity__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"


class TrackingEvent(models.Model):
    """One report on a parcel, as its carrier dated it; kept once, however often it is sent."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="events")
    key = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=ParcelState.choices)
    at = models.DateTimeField()
    text = models.CharField(max_length=300, default="", blank=True)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="parcels_trackingevent_heard_once", fields=["parcel", "key"]
            ),
            models.CheckConstraint(
                name="parcels_trackingevent_state_is_scanned",
                condition=Q(state__in=[ParcelState.CREATED, *SCANNED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.at:%F %T}"
