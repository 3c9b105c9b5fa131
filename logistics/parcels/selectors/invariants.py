"""A parcel stands where its reports put it, and nothing due is forgotten."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant
from logistics.parcels.domain.states import ParcelState, Scan, journey_of
from logistics.parcels.models import Parcel, TrackingEvent


@invariant("parcels.reports_explain_state")
def reports_explain_state() -> Iterable[Finding]:
    """Add up the reports on every parcel again."""
    scans: dict[int, list[Scan]] = {}
    rows = TrackingEvent.objects.exclude(state=ParcelState.CREATED).order_by("pk")
    for parcel_id, key, state, at in rows.values_list("parcel_id", "key", "state", "at"):
        scans.setdefault(parcel_id, []).append(Scan(key, ParcelState(state), at))
    unmoved = [ParcelState.PLANNED, ParcelState.CANCELLED]
    booked = Parcel.objects.exclude(state__in=unmoved).order_by("pk")
    for parcel_id, state, signed_at in booked.values_list("pk", "state", "signed_at"):
        journey = journey_of(scans.get(parcel_id, []))
        if (journey.state, journey.signed_at) != (state, signed_at):
            yield Finding(f"parcel {parcel_id}", f"is {state}, reports say {journey.state}")


@invariant("parcels.waybills_are_asked_for")
def waybills_are_asked_for() -> Iterable[Finding]:
    """Check that a parcel without a waybill is due, or waits for a person."""
    return found(
        """
        SELECT id FROM parcels_parcel
        WHERE state = 'PLANNED' AND next_attempt_at IS NULL AND parked_at IS NULL ORDER BY id
        """,
        "parcel {id}",
        "has no waybill, and nobody asks for one",
    )


@invariant("parcels.parcels_hold_something")
def parcels_hold_something() -> Iterable[Finding]:
    """Check that no parcel is empty."""
    return found(
        """
        SELECT id FROM parcels_parcel AS parcel
        WHERE NOT EXISTS (SELECT FROM parcels_parcelline WHERE parcel_id = parcel.id) ORDER BY id
        """,
        "parcel {id}",
        "is empty",
    )
