"""What the room tells others."""

from dataclasses import dataclass

from core.outbox.events import event


@event("parcels.parcel_planned")
@dataclass(frozen=True)
class ParcelPlanned:
    """A parcel waits for its waybill."""

    parcel_reference: str


@event("parcels.parcel_cancelled")
@dataclass(frozen=True)
class ParcelCancelled:
    """A parcel is not to travel; its carrier is told."""

    parcel_reference: str


@event("parcels.parcel_handed_over")
@dataclass(frozen=True)
class ParcelHandedOver:
    """A carrier has the parcel; `line_references` and `quantities` go together."""

    shop_order_reference: str
    parcel_reference: str
    line_references: list[str]
    quantities: list[int]


@event("parcels.parcel_signed")
@dataclass(frozen=True)
class ParcelSigned:
    """Somebody signed for the parcel, at an instant in ISO 8601."""

    shop_order_reference: str
    parcel_reference: str
    at: str
