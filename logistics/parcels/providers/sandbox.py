"""Adapter to the practice carrier."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings

from core.errors import IllegalTransition, InvalidInput, NotFound
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.providers.protocol import (
    CarrierRefused,
    CarrierSignatureInvalid,
    Consignment,
    Notice,
)
from logistics.sandbox.domain import codes, signatures
from logistics.sandbox.services import depot

CALLBACK_AGE_MAX_S = 300
_STATES = {code: ParcelState(state) for state, code in codes.BY_STATE.items()}


class SandboxCarrier:
    """The carrier that every parcel goes by while practising."""

    name: ClassVar[str] = "sandbox"

    def book(self, consignment: Consignment, *, now: datetime) -> str:
        return depot.book(
            reference=UUID(consignment.reference),
            by_itself_s=settings.MARKETPLACE_SANDBOX_CARRIER_SECONDS,
            now=now,
        )

    def cancel(self, *, reference: str, now: datetime) -> None:
        try:
            depot.cancel(reference=UUID(reference), now=now)
        except NotFound:
            return
        except IllegalTransition as refusal:
            raise CarrierRefused(reference=reference) from refusal

    def track(self, *, reference: str, now: datetime) -> Sequence[Scan]:
        depot.follow(reference=UUID(reference), now=now)
        reports = depot.history(reference=UUID(reference), now=now)
        return [Scan(report.event_id, _STATES[report.code], report.at) for report in reports]

    def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        timestamp = headers.get("Carrier-Timestamp", "")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise CarrierSignatureInvalid
        if abs(now.timestamp() - int(timestamp)) > CALLBACK_AGE_MAX_S:
            raise CarrierSignatureInvalid
        signature = headers.get("Carrier-Signature", "")
        if not signatures.is_signed(
            settings.SECRET_KEY, timestamp=timestamp, body=body, signature=signature
        ):
            raise CarrierSignatureInvalid
        return _notice(body)


def _notice(body: bytes) -> Notice:
    try:
        said: dict[str, Any] = json.loads(body)
        scan = Scan(str(UUID(said["event_id"])), _STATES[said["state"]], _instant(said["at"]))
        return Notice(str(UUID(said["sender_reference"])), [scan])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as wrong:
        raise InvalidInput.at("", "CALLBACK_UNREADABLE", "It is not as agreed.") from wrong


def _instant(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    if at.tzinfo is None:
        raise ValueError(written)
    return at.astimezone(UTC)
