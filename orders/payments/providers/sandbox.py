"""Adapters to the practice provider's two desks, one like a phone wallet, one like a card."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings

from core.errors import IllegalTransition, InvalidInput, NotFound
from orders.payments.providers.protocol import (
    Answer,
    ChargeState,
    Notice,
    RefundRefused,
    SignatureInvalid,
)
from orders.sandbox.domain import signatures
from orders.sandbox.services import cashier

CALLBACK_AGE_MAX_S = 300
_STATES = {
    "OPEN": ChargeState.PENDING,
    "CAPTURED": ChargeState.PAID,
    "CLOSED": ChargeState.CLOSED,
}


class SandboxWallet:
    """The desk that most buyers use."""

    name: ClassVar[str] = "sandbox"

    def create(
        self, *, reference: str, amount_fen: int, description: str, now: datetime
    ) -> Mapping[str, str]:
        root = settings.MARKETPLACE_PUBLIC_URL.rstrip("/") + "/api/v1"
        cashier.charge(
            desk=self.name,
            reference=reference,
            amount_fen=amount_fen,
            notify_url=f"{root}/payments/{self.name}/callbacks",
            now=now,
        )
        return {
            "description": description,
            "capture_url": f"{root}/sandbox/payments/{reference}/capture",
        }

    def query(self, *, reference: str) -> Answer:
        return self._ask(cashier.look_up, reference)

    def close(self, *, reference: str) -> Answer:
        return self._ask(cashier.close, reference)

    def refund(
        self, *, reference: str, refund_reference: str, amount_fen: int, now: datetime
    ) -> None:
        self._give(cashier.refund, reference, refund_reference, amount_fen, now)

    def compensate(
        self, *, reference: str, refund_reference: str, amount_fen: int, now: datetime
    ) -> None:
        self._give(cashier.compensate, reference, refund_reference, amount_fen, now)

    def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        timestamp = headers.get("Sandbox-Timestamp", "")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise SignatureInvalid
        if abs(now.timestamp() - int(timestamp)) > CALLBACK_AGE_MAX_S:
            raise SignatureInvalid
        if not signatures.is_signed(
            settings.SECRET_KEY,
            timestamp=timestamp,
            nonce=headers.get("Sandbox-Nonce", ""),
            body=body,
            signature=headers.get("Sandbox-Signature", ""),
        ):
            raise SignatureInvalid
        return _notice(body)

    def _give(
        self,
        give: Callable[..., cashier.Statement],
        reference: str,
        refund_reference: str,
        amount_fen: int,
        now: datetime,
    ) -> None:
        try:
            give(
                desk=self.name,
                reference=reference,
                refund_reference=refund_reference,
                amount_fen=amount_fen,
                now=now,
            )
        except (IllegalTransition, NotFound) as refusal:
            raise RefundRefused(reference=reference) from refusal

    def _ask(self, question: Callable[..., cashier.Statement], reference: str) -> Answer:
        try:
            said = question(desk=self.name, reference=reference)
        except NotFound:
            return Answer(ChargeState.MISSING)
        return Answer(
            state=_STATES[said.state],
            amount_fen=said.amount_fen,
            transaction=said.transaction,
            captured_at=said.captured_at,
            refunded_fen=said.refunded_fen,
        )


class SandboxCard(SandboxWallet):
    """A second desk, so that an order can be paid twice by mistake as it is in life."""

    name: ClassVar[str] = "sandbox_card"


def _notice(body: bytes) -> Notice:
    try:
        said: dict[str, Any] = json.loads(body)
        return Notice(
            event_id=str(said["event_id"]),
            payment_reference=str(said["merchant_reference"]),
            answer=Answer(
                state=_STATES[said["state"]],
                amount_fen=int(said["amount_fen"]),
                transaction=str(said["transaction"]),
                captured_at=datetime.fromisoformat(said["captured_at"]),
            ),
        )
    except (ValueError, KeyError, TypeError) as wrong:
        raise InvalidInput(detail="the callback cannot be read") from wrong
