"""Parcels for tests, planned and moved by the services that do it in life."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from core.outbox.models import Message
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.models import Parcel
from logistics.parcels.services import asking, planning, tracking
from tests.factories.storefronts import a_shop

HOME = planning.Destination("王小明", "13812345678", "310101", "人民路1号2单元301室")
# When the due-service asks for what an event did not get to ask for.
SOON = planning.ASK_AGAIN_AFTER


def a_content(temp_class="AMBIENT", quantity=2, gross_g=9_800) -> planning.Content:
    """Return two boxes of oranges."""
    return planning.Content(
        str(uuid4()), str(uuid4()), "秭归脐橙 4.5 kg", quantity, gross_g, temp_class
    )


def planned(now: datetime, *contents: planning.Content, shop_order: str = "") -> list[Parcel]:
    """Return the parcels of a shop order that nobody has asked a carrier about."""
    with transaction.atomic():
        return planning.plan(
            shop_order_reference=shop_order or str(uuid4()),
            shop_id=a_shop().pk,
            contents=contents or [a_content()],
            to=HOME,
            now=now,
        )


def booked(now: datetime) -> Parcel:
    """Return a parcel with a waybill."""
    (parcel,) = planned(now)
    asking.ask(parcel.pk, now=now)
    return Parcel.objects.get(pk=parcel.pk)


def a_scan(state: str, at: datetime, minutes: int = 0, key: str = "") -> Scan:
    """Return a report of a carrier, so many minutes after an instant."""
    return Scan(key or f"{state}-{minutes}", ParcelState(state), at + timedelta(minutes=minutes))


def hear(parcel: Parcel, *scans: Scan, now: datetime) -> Parcel:
    """Let a carrier report, and return the parcel as it stands then."""
    tracking.hear(str(parcel.reference), scans, now=now)
    return Parcel.objects.get(pk=parcel.pk)


def told(topic: str) -> list[dict]:
    """Return what was told under a topic so far."""
    rows = Message.objects.filter(topic=f"parcels.{topic}").order_by("pk")
    return list(rows.values_list("body", flat=True))
