"""Sending what is owed: claim a few notices, post them, note the answers."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from core.http.sending import Post, is_taken, send_all
from orders.sandbox.domain import signatures
from orders.sandbox.models import Notice

ATTEMPTS_MAX = 12
LEASE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Owed:
    """One callback about to be sent."""

    notice_id: int
    url: str
    body: bytes


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Post the callbacks that are due and return how many were taken."""
    claimed = _claim(now, limit)
    answers = send_all([_signed(owed, now) for owed in claimed])
    taken = [
        owed.notice_id for owed, status in zip(claimed, answers, strict=True) if is_taken(status)
    ]
    return Notice.objects.filter(pk__in=taken).update(answered_at=now)


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


def _signed(owed: Owed, now: datetime) -> Post:
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
    signature = signatures.sign(
        settings.SECRET_KEY, timestamp=timestamp, nonce=nonce, body=owed.body
    )
    return Post(
        owed.url,
        owed.body,
        {
            "Sandbox-Timestamp": timestamp,
            "Sandbox-Nonce": nonce,
            "Sandbox-Signature": signature,
        },
    )
