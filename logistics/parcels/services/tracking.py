"""Hear what carriers report, in whatever order and however often, and move parcels by it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.errors import InvalidInput, NotFound
from core.outbox.recording import record
from core.transactions import entry, needs_transaction
from logistics.parcels.domain.states import PARCEL, Journey, ParcelState, Scan, journey_of, scan_of
from logistics.parcels.events import ParcelSigned
from logistics.parcels.models import Parcel, TrackingEvent
from logistics.parcels.providers import registry
from logistics.parcels.services.planning import handed_over

# Clocks differ; a report from further ahead is a mistake, and would be final for good.
AHEAD_MAX = timedelta(hours=1)


def take_callback(carrier: str, *, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Hear a carrier's callback.

    Raises:
        NotFound: there is no such carrier, or no such parcel.
        CarrierSignatureInvalid: the carrier did not send it.
        InvalidInput: it cannot be read, or speaks of the future.
    """
    notice = registry.carrier(carrier).read_callback(headers=headers, body=body, now=now)
    hear(notice.parcel_reference, notice.scans, now=now)


@entry
def hear(parcel_reference: str, scans: Sequence[Scan], *, now: datetime) -> None:
    """Write down what was reported on a parcel, each report once, and move it accordingly.

    Raises:
        NotFound: there is no such parcel.
        InvalidInput: a report speaks of the future.
    """
    if any(scan.at > now + AHEAD_MAX for scan in scans):
        raise InvalidInput.at("/at", "IN_THE_FUTURE", "It has not happened yet.")
    parcel = _locked(parcel_reference)
    TrackingEvent.objects.bulk_create(
        (
            TrackingEvent(
                parcel=parcel,
                key=scan.key,
                state=scan.state,
                at=scan.at,
                text=scan.text[:300],
                heard_at=now,
            )
            for scan in scans
        ),
        ignore_conflicts=True,
    )
    settle(parcel, now=now)


@needs_transaction
def settle(parcel: Parcel, *, now: datetime) -> None:
    """Bring a locked parcel to where all reports on it put it, and tell what is new."""
    journey = _journey(parcel)
    if journey.handed_over_at is None or parcel.state == ParcelState.PLANNED:
        # Reports that overtook the waybill wait for it.
        return
    if parcel.state == ParcelState.CANCELLED:
        _park_stray(parcel, now)
        return
    is_new_hand_over = parcel.handed_over_at is None
    is_new_signature = parcel.signed_at is None and journey.signed_at is not None
    _move(parcel, journey, now)
    facts: list[Any] = []
    if is_new_hand_over:
        facts.append(handed_over(parcel))
    if is_new_signature and journey.signed_at:
        facts.append(
            ParcelSigned(
                shop_order_reference=str(parcel.shop_order_reference),
                parcel_reference=str(parcel.reference),
                at=journey.signed_at.isoformat(),
            )
        )
    record(*facts, now=now)


def _locked(parcel_reference: str) -> Parcel:
    # The row's lock queues reports up, so that each one adds up all that came before it.
    rows = Parcel.objects.select_for_update(of=("self",), no_key=True)
    parcel = rows.filter(reference=UUID(parcel_reference)).order_by("pk").first()
    if parcel is None:
        raise NotFound(subject="parcel")
    return parcel


def _journey(parcel: Parcel) -> Journey:
    rows = TrackingEvent.objects.filter(parcel=parcel).exclude(state=ParcelState.CREATED)
    return journey_of(
        Scan(key, ParcelState(state), at)
        for key, state, at in rows.order_by("pk").values_list("key", "state", "at")
    )


def _move(parcel: Parcel, journey: Journey, now: datetime) -> None:
    row = Parcel.objects.filter(pk=parcel.pk)
    stamps: dict[str, Any] = {
        # A seller who posted a parcel knows better than the first scan when it was handed over.
        "handed_over_at": parcel.handed_over_at
        if parcel.is_posted_by_seller
        else journey.handed_over_at,
        "signed_at": journey.signed_at,
    }
    if journey.state in {ParcelState.SIGNED, ParcelState.RETURNED}:
        stamps["next_attempt_at"] = None
    if journey.state == parcel.state:
        row.update(**stamps)
    else:
        advance(row, PARCEL, scan_of(journey.state), actor=SYSTEM, now=now, **stamps)


def _park_stray(parcel: Parcel, now: datetime) -> None:
    # The carrier has what was called back: only a person can stop it now.
    Parcel.objects.filter(pk=parcel.pk).update(
        parked_at=now, next_attempt_at=None, failure="collected although it was called back"
    )
