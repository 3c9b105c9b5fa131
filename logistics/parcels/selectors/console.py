"""Parcels as an operator sees them in the console."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.accounts.sealing import MASK, mask_phone
from core.console import reach
from logistics.parcels.models import Parcel, ParcelLine, TrackingEvent
from logistics.parcels.providers import registry


def parcels_for(user: Any) -> QuerySet[Parcel]:
    """Return the parcels an operator looks after: all of them, or none."""
    rows = Parcel.objects.select_related("shop").defer("recipient", "phone", "street")
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def parked_for(user: Any) -> int | None:
    """Return how many parcels wait for a person; None for whoever does not look after them."""
    if not reach.holds(user, Role.OPERATOR):
        return None
    return Parcel.objects.filter(parked_at__isnull=False).count()


def lines_of(parcel: Parcel) -> list[ParcelLine]:
    """Return what is in a parcel."""
    return list(ParcelLine.objects.filter(parcel=parcel).order_by("id"))


def events_of(parcel: Parcel) -> list[TrackingEvent]:
    """Return what its carrier reported, oldest first."""
    return list(TrackingEvent.objects.filter(parcel=parcel).order_by("at", "id"))


def address_of(parcel: Parcel) -> tuple[str, str, str]:
    """Return recipient, phone and street as the office may see them: masked."""
    sealed = Parcel.objects.only("recipient", "phone").get(pk=parcel.pk)
    return sealed.recipient[:1] + MASK, mask_phone(sealed.phone), MASK


def carrier_name(code: str) -> str:
    """Return what a carrier is called."""
    return registry.names().get(code, code)
