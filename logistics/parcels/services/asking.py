"""Ask carriers for waybills, to call parcels back, and for news; never inside a transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import F

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance
from core.errors import DomainError
from core.pacing import Backoff
from core.transactions import entry, needs_transaction
from logistics.parcels.domain.states import PARCEL, ParcelState
from logistics.parcels.models import Parcel, TrackingEvent
from logistics.parcels.providers import registry
from logistics.parcels.providers.protocol import CarrierRefused, Consignment
from logistics.parcels.services import tracking

ATTEMPTS_MAX = 10
BACKOFF = Backoff(first=timedelta(seconds=5), longest=timedelta(hours=1))
LEASE = timedelta(minutes=1)

log = structlog.get_logger(__name__)


def ask_due(*, now: datetime, limit: int = 100) -> int:
    """Ask the carriers about every parcel that is due; return about how many."""
    parcel_ids = _claim(now, limit)
    for parcel_id in parcel_ids:
        ask(parcel_id, now=now)
    return len(parcel_ids)


def ask_about(parcel_reference: str, *, now: datetime) -> None:
    """Ask the carrier about one parcel by its reference."""
    found = Parcel.objects.filter(reference=parcel_reference).values_list("pk", flat=True)
    for parcel_id in found:
        ask(parcel_id, now=now)


def ask(parcel_id: int, *, now: datetime) -> None:
    """Ask what a parcel needs in its present state; what fails is asked again, at last parked."""
    parcel = Parcel.objects.select_related("shop").get(pk=parcel_id)
    if parcel.parked_at or parcel.next_attempt_at is None:
        return
    try:
        _ask(parcel, now)
    except CarrierRefused as refusal:
        log.warning("carrier_refused", parcel=str(parcel.reference), code=refusal.code)
        _park([parcel_id], refusal, now)
    except (DomainError, OSError) as failure:
        log.warning("carrier_failed", parcel=str(parcel.reference), failure=str(failure)[:100])
        _postpone(parcel, failure, now)


@needs_transaction
def rerun(parcel_ids: Sequence[int], *, now: datetime, actor: Actor) -> int:
    """Let a person have parked parcels asked about again; return how many."""
    log.info("parcels_rerun", parcels=len(parcel_ids), by=actor.user_id)
    parked = Parcel.objects.filter(pk__in=parcel_ids, parked_at__isnull=False)
    return parked.update(parked_at=None, failure="", attempts=0, next_attempt_at=now)


def _ask(parcel: Parcel, now: datetime) -> None:
    reference = str(parcel.reference)
    # A seller's own carrier is followed through whoever collects news for us.
    name = settings.MARKETPLACE_CARRIER if parcel.is_posted_by_seller else parcel.carrier
    carrier = registry.carrier(name)
    if parcel.state == ParcelState.PLANNED:
        waybill_no = carrier.book(_consignment(parcel), now=now)
        if not _booked(parcel.pk, waybill_no, now):
            # It was called back while we asked.
            carrier.cancel(reference=reference, now=now)
    elif parcel.state == ParcelState.CANCELLED:
        carrier.cancel(reference=reference, now=now)
        _done(parcel.pk)
    else:
        tracking.hear(reference, carrier.track(reference=reference, now=now), now=now)
        _ask_later(parcel.pk, now)


def _consignment(parcel: Parcel) -> Consignment:
    return Consignment(
        reference=str(parcel.reference),
        sender=parcel.shop.name,
        sender_region=parcel.shop.region,
        recipient=parcel.recipient,
        phone=parcel.phone,
        region=parcel.region,
        street=parcel.street,
        gross_g=parcel.gross_g,
        temp_class=parcel.temp_class,
    )


@entry
def _booked(parcel_id: int, waybill_no: str, now: datetime) -> bool:
    row = Parcel.objects.filter(pk=parcel_id)
    changes: dict[str, Any] = {
        "waybill_no": waybill_no,
        "booked_at": now,
        "attempts": 0,
        "next_attempt_at": now + _poll_every(),
    }
    if not advance(row, PARCEL, "book", actor=SYSTEM, now=now, **changes):
        return row.exclude(state=ParcelState.CANCELLED).exists()
    TrackingEvent.objects.create(
        parcel_id=parcel_id, key="created", state=ParcelState.CREATED, at=now, heard_at=now
    )
    # The advance locked the row: reports that overtook the waybill count from now on.
    tracking.settle(Parcel.objects.get(pk=parcel_id), now=now)
    return True


@entry
def _claim(now: datetime, limit: int) -> list[int]:
    # A lease, not a lock: nothing is held while a carrier is asked, and a crash only delays.
    due = (
        Parcel.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")[:limit]
    )
    ids = list(due.values_list("pk", flat=True))
    Parcel.objects.filter(pk__in=ids).update(next_attempt_at=now + LEASE)
    return ids


@entry
def _done(parcel_id: int) -> None:
    cancelled = Parcel.objects.filter(pk=parcel_id, state=ParcelState.CANCELLED)
    cancelled.update(next_attempt_at=None, attempts=0)


@entry
def _ask_later(parcel_id: int, now: datetime) -> None:
    waiting = Parcel.objects.filter(pk=parcel_id, next_attempt_at__isnull=False)
    waiting.update(next_attempt_at=now + _poll_every(), attempts=0)


@entry
def _postpone(parcel: Parcel, failure: Exception, now: datetime) -> None:
    if parcel.attempts + 1 >= ATTEMPTS_MAX:
        _park_now([parcel.pk], failure, now)
        return
    Parcel.objects.filter(pk=parcel.pk, parked_at__isnull=True).update(
        attempts=F("attempts") + 1,
        next_attempt_at=now + BACKOFF.after(parcel.attempts),
        failure=str(failure)[:200],
    )


@entry
def _park(parcel_ids: Sequence[int], failure: Exception, now: datetime) -> None:
    _park_now(parcel_ids, failure, now)


def _park_now(parcel_ids: Sequence[int], failure: Exception, now: datetime) -> None:
    Parcel.objects.filter(pk__in=parcel_ids).update(
        parked_at=now, next_attempt_at=None, failure=str(failure)[:200]
    )


def _poll_every() -> timedelta:
    return timedelta(minutes=settings.MARKETPLACE_TRACKING_POLL_MINUTES)
