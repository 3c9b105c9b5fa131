"""Sending what is owed: claim a few notices, post them, note the answers."""

import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F

from orders.sandbox.domain import signatures
from orders.sandbox.models import Notice

ATTEMPTS_MAX = 12
LEASE = timedelta(seconds=20)
POST_TIMEOUT_S = 8


@dataclass(frozen=True, slots=True)
class Owed:
    """One callback about to be sent."""

    notice_id: int
    url: str
    body: bytes


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Post the callbacks that are due and return how many were answered with 2xx."""
    return sum(_send(owed, now) for owed in _claim(now, limit))


@transaction.atomic(durable=True)
def _claim(now: datetime, limit: int) -> list[Owed]:
    # A lease, not a lock: nothing is held while we are on the wire, and a crash only delays.
    due = (
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("charge")
        .filter(answered_at__isnull=True, due_at__lte=now, attempts__lt=ATTEMPTS_MAX)
        .order_by("due_at", "pk")[:limit]
    )
    notices = list(due)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
        attempts=F("attempts") + 1, due_at=now + LEASE
    )
    return [Owed(notice.pk, notice.charge.notify_url, _body(notice)) for notice in notices]


def _body(notice: Notice) -> bytes:
    charge = notice.charge
    return json.dumps(
        {
            "event_id": notice.event_id,
            "merchant_reference": charge.merchant_reference,
            "transaction": charge.transaction,
            "state": charge.state,
            "amount_fen": notice.amount_fen,
            "captured_at": charge.captured_at.isoformat() if charge.captured_at else None,
        }
    ).encode()


def _send(owed: Owed, now: datetime) -> bool:
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
    if urlsplit(owed.url).scheme not in {"http", "https"}:
        return False
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked above.
        owed.url,
        data=owed.body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "Sandbox-Timestamp": timestamp,
            "Sandbox-Nonce": nonce,
            "Sandbox-Signature": signatures.sign(
                settings.SECRET_KEY, timestamp=timestamp, nonce=nonce, body=owed.body
            ),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=POST_TIMEOUT_S):  # noqa: S310
            pass
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
    return bool(Notice.objects.filter(pk=owed.notice_id).update(answered_at=now))
