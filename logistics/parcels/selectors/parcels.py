"""Parcels as the people waiting for them see them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from logistics.parcels.domain.states import ParcelState
from logistics.parcels.models import Parcel, ParcelLine, TrackingEvent
from logistics.parcels.providers import registry


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What a parcel holds of one order line."""

    line_reference: str
    sku_reference: str
    title: str
    quantity: int


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One report of the carrier."""

    state: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """A parcel without the personal fields."""

    reference: str
    shop_order_reference: str
    state: str
    carrier: str
    carrier_name: str
    waybill_no: str
    temp_class: str
    gross_g: int
    planned_at: datetime
    handed_over_at: datetime | None
    signed_at: datetime | None
    lines: tuple[LineFacts, ...]
    events: tuple[EventFacts, ...]

    @property
    def is_collected(self) -> bool:
        """Tell whether a carrier has it or had it."""
        return self.handed_over_at is not None


def of_shop_order(references: Collection[str]) -> dict[str, list[ParcelFacts]]:
    """Return the parcels of each shop order that are not called back, with three statements."""
    rows = (
        Parcel.objects.filter(shop_order_reference__in=references)
        .exclude(state=ParcelState.CANCELLED)
        .defer("recipient", "phone", "street")
        .prefetch_related(
            Prefetch("lines", ParcelLine.objects.order_by("pk")),
            Prefetch("events", TrackingEvent.objects.order_by("at", "pk")),
        )
        .order_by("shop_order_reference", "part")
    )
    found: dict[str, list[ParcelFacts]] = defaultdict(list)
    for row in rows:
        found[str(row.shop_order_reference)].append(_facts(row))
    return dict(found)


def _facts(parcel: Parcel) -> ParcelFacts:
    return ParcelFacts(
        reference=str(parcel.reference),
        shop_order_reference=str(parcel.shop_order_reference),
        state=parcel.state,
        carrier=parcel.carrier,
        carrier_name=registry.names().get(parcel.carrier, parcel.carrier),
        waybill_no=parcel.waybill_no,
        temp_class=parcel.temp_class,
        gross_g=parcel.gross_g,
        planned_at=parcel.planned_at,
        handed_over_at=parcel.handed_over_at,
        signed_at=parcel.signed_at,
        lines=tuple(
            LineFacts(str(line.line_reference), str(line.sku_reference), line.title, line.quantity)
            for line in parcel.lines.all()
        ),
        events=tuple(
            EventFacts(event.state, event.at, event.text) for event in parcel.events.all()
        ),
    )
