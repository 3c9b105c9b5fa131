"""Telling senders what happened: claim a few reports, post them, note the answers."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.db.models import F

from core.http.sending import Post, is_taken, send_all
from logistics.sandbox.domain import signatures
from logistics.sandbox.models import Scan

ATTEMPTS_MAX = 12
LEASE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Owed:
    """One callback about to be sent."""

    scan_id: int
    body: bytes


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Post the callbacks that are due; return how many got an answer for good."""
    claimed = _claim(now, limit)
    answers = send_all([_signed(owed, now) for owed in claimed])
    over = [owed.scan_id for owed, status in zip(claimed, answers, strict=True) if _is_over(status)]
    return Scan.objects.filter(pk__in=over).update(answered_at=now)


@transaction.atomic(durable=True)
def _claim(now: datetime, limit: int) -> list[Owed]:
    # A lease, not a lock: nothing is held while we are on the wire, and a crash only delays.
    due = (
        Scan.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("waybill")
        .filter(answered_at__isnull=True, due_at__lte=now, attempts__lt=ATTEMPTS_MAX)
        .order_by("due_at", "pk")[:limit]
    )
    scans = list(due)
    Scan.objects.filter(pk__in=[scan.pk for scan in scans]).update(
        attempts=F("attempts") + 1, due_at=now + LEASE
    )
    return [Owed(scan.pk, _body(scan)) for scan in scans]


def _body(scan: Scan) -> bytes:
    said = {
        "event_id": str(scan.event_id),
        "sender_reference": str(scan.waybill.sender_reference),
        "number": scan.waybill.number,
        "state": scan.code,
        "at": scan.happens_at.isoformat(),
    }
    return json.dumps(said).encode()


def _signed(owed: Owed, now: datetime) -> Post:
    timestamp = str(int(now.timestamp()))
    signature = signatures.sign(settings.SECRET_KEY, timestamp=timestamp, body=owed.body)
    return Post(
        f"{settings.MARKETPLACE_PUBLIC_URL.rstrip('/')}/api/v1/logistics/sandbox/callbacks",
        owed.body,
        {"Carrier-Timestamp": timestamp, "Carrier-Signature": signature},
    )


def _is_over(status: int) -> bool:
    # A sender that does not know the parcel, and says so, will not know it later either.
    return is_taken(status) or status == HTTPStatus.NOT_FOUND
