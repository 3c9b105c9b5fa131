"""The carrier's depot: what a sender may ask of it. Every call is its own transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from core.errors import IllegalTransition, NotFound
from logistics.sandbox.models import Scan, Waybill

# The codes of the aggregator that the sandbox speaks like (kuaidi100_states.csv).
COLLECTED, SIGNED = "1", "3"


@dataclass(frozen=True, slots=True)
class Report:
    """Something that happened to a parcel."""

    event_id: str
    code: str
    at: datetime


@transaction.atomic(durable=True)
def book(*, reference: UUID, by_itself_s: int, now: datetime) -> str:
    """Issue a waybill, or return the one that this reference has.

    With seconds given, the carrier collects that long after, and delivers as long after that.
    """
    waybill, is_new = _known(reference, now)
    if is_new and by_itself_s:
        for turn, code in enumerate((COLLECTED, SIGNED), start=1):
            _write(waybill, code, now + timedelta(seconds=turn * by_itself_s))
    return waybill.number


@transaction.atomic(durable=True)
def follow(*, reference: UUID, now: datetime) -> None:
    """Take on a parcel that another carrier brings, for news only."""
    _known(reference, now)


@transaction.atomic(durable=True)
def cancel(*, reference: UUID, now: datetime) -> None:
    """Call a pick-up off.

    Raises:
        NotFound: the reference was never booked.
        IllegalTransition: the parcel was collected.
    """
    waybill = _locked(reference)
    if waybill.scans.filter(happens_at__lte=now).exists():
        raise IllegalTransition(subject="sandbox waybill", action="cancel")
    waybill.scans.all().delete()
    Waybill.objects.filter(pk=waybill.pk, cancelled_at=None).update(cancelled_at=now)


@transaction.atomic(durable=True)
def report(*, reference: UUID, code: str, now: datetime) -> Report:
    """Let something happen to a parcel now; its sender will be told.

    Raises:
        NotFound: the carrier does not know the parcel.
        IllegalTransition: the pick-up was called off.
    """
    waybill = _locked(reference)
    if waybill.cancelled_at:
        raise IllegalTransition(subject="sandbox waybill", action="report")
    # What happens by hand happens instead of what would have happened by itself later.
    waybill.scans.filter(happens_at__gt=now).delete()
    scan = _write(waybill, code, now)
    return Report(str(scan.event_id), scan.code, scan.happens_at)


def history(*, reference: UUID, now: datetime) -> Sequence[Report]:
    """Return what has happened to a parcel so far; nothing for one that is not known."""
    scans = Scan.objects.filter(waybill__sender_reference=reference, happens_at__lte=now)
    return [
        Report(str(scan.event_id), scan.code, scan.happens_at)
        for scan in scans.order_by("happens_at", "pk")
    ]


def _known(reference: UUID, now: datetime) -> tuple[Waybill, bool]:
    return Waybill.objects.get_or_create(
        sender_reference=reference,
        defaults={"number": f"SB{secrets.randbelow(10**12):012d}", "booked_at": now},
    )


def _locked(reference: UUID) -> Waybill:
    found = Waybill.objects.select_for_update().filter(sender_reference=reference)
    waybill = found.order_by("pk").first()
    if waybill is None:
        raise NotFound(subject="sandbox waybill")
    return waybill


def _write(waybill: Waybill, code: str, at: datetime) -> Scan:
    return Scan.objects.create(waybill=waybill, code=code, happens_at=at, due_at=at)
