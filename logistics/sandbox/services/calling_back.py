"""Telling senders what happened: claim a few reports, post them, note the answers."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.db.models import F

from logistics.sandbox.domain import signatures
from logistics.sandbox.models import Scan

ATTEMPTS_MAX = 12
LEASE = timedelta(seconds=20)
POST_TIMEOUT_S = 8


@dataclass(frozen=True, slots=True)
class Owed:
    """One callback about to be sent."""

    scan_id: int
    body: bytes


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Post the callbacks that are due; return how many got an answer for good."""
    return sum(_send(owed, now) for owed in _claim(now, limit))


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


def _send(owed: Owed, now: datetime) -> bool:
    root = settings.MARKETPLACE_PUBLIC_URL.rstrip("/")
    timestamp = str(int(now.timestamp()))
    request = urllib.request.Request(  # noqa: S310 - the address is our own setting.
        f"{root}/api/v1/logistics/sandbox/callbacks",
        data=owed.body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "Carrier-Timestamp": timestamp,
            "Carrier-Signature": signatures.sign(
                settings.SECRET_KEY, timestamp=timestamp, body=owed.body
            ),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=POST_TIMEOUT_S):  # noqa: S310
            pass
    except urllib.error.HTTPError as answer:
        # A sender that does not know the parcel, and says so, will not know it later either.
        if answer.code != HTTPStatus.NOT_FOUND:
            return False
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
    return bool(Scan.objects.filter(pk=owed.scan_id).update(answered_at=now))
