"""The life of a parcel, and how a carrier's scans add up to it (`domain.md` 2.7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices

from core.http.enums import offered
from core.states import Machine


@offered
class ParcelState(TextChoices):
    """Where a parcel stands."""

    PLANNED = "PLANNED", "Planned|待取号"
    CREATED = "CREATED", "Waybill issued|待揽收"
    COLLECTED = "COLLECTED", "Collected|已揽收"
    IN_TRANSIT = "IN_TRANSIT", "In transit|运输中"
    DELIVERING = "DELIVERING", "Out for delivery|派送中"
    SIGNED = "SIGNED", "Signed for|已签收"
    PROBLEM = "PROBLEM", "Problem|问题件"
    REFUSED = "REFUSED", "Refused|已拒收"
    RETURNED = "RETURNED", "Returned|已退回"
    CANCELLED = "CANCELLED", "Cancelled|已取消"


# What a carrier can report; a waybill is issued by ourselves asking for it.
SCANNED = (
    ParcelState.COLLECTED,
    ParcelState.IN_TRANSIT,
    ParcelState.DELIVERING,
    ParcelState.SIGNED,
    ParcelState.PROBLEM,
    ParcelState.REFUSED,
    ParcelState.RETURNED,
)
_MOVING = (
    ParcelState.CREATED,
    ParcelState.COLLECTED,
    ParcelState.IN_TRANSIT,
    ParcelState.DELIVERING,
    ParcelState.PROBLEM,
    ParcelState.REFUSED,
)


def scan_of(state: str) -> str:
    """Return the action by which a report moves a parcel."""
    return f"scan_{state.lower()}"


PARCEL = Machine(
    "parcel",
    {
        (ParcelState.PLANNED, "book"): ParcelState.CREATED,
        (ParcelState.PLANNED, "cancel"): ParcelState.CANCELLED,
        (ParcelState.CREATED, "cancel"): ParcelState.CANCELLED,
        **{
            (source, scan_of(target)): target
            for source in _MOVING
            for target in SCANNED
            if source != target
        },
        (ParcelState.SIGNED, scan_of(ParcelState.RETURNED)): ParcelState.RETURNED,
    },
)


@dataclass(frozen=True, slots=True)
class Scan:
    """One report of a carrier: what, when by its own clock, in its own words."""

    key: str
    state: ParcelState
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """What all reports on a parcel come to."""

    state: ParcelState
    handed_over_at: datetime | None
    signed_at: datetime | None


_RANKS = {state: rank for rank, state in enumerate(ParcelState)}


def journey_of(scans: Iterable[Scan]) -> Journey:
    """Add reports up in the order of the carrier's clock, whichever came first or twice.

    A signature is final except for a return; a return is final.
    """
    state = ParcelState.CREATED
    handed_over_at = signed_at = None
    for scan in sorted(scans, key=lambda scan: (scan.at, _RANKS[scan.state], scan.key)):
        handed_over_at = handed_over_at or scan.at
        if state == ParcelState.RETURNED:
            continue
        if state == ParcelState.SIGNED and scan.state != ParcelState.RETURNED:
            continue
        state = scan.state
        if state == ParcelState.SIGNED:
            signed_at = scan.at
    return Journey(state, handed_over_at, signed_at)
