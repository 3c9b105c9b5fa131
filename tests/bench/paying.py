"""The payment provider as the driver plays it: it takes the money and calls back at once."""

import json
import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from orders.sandbox.domain import signatures
from tests.bench.driver import Client


class Cashier:
    """Pays for orders, and signs the callbacks as the practice provider would."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    async def pay(self, client: Client, order: dict[str, Any]) -> None:
        """Open the payment of an order, take the money, and tell the market."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        payments = f"/api/v1/orders/{order['id']}/payments"
        opened = await client.ask("POST", payments, {"provider": "sandbox"}, status=201, **key)
        payment = opened.json()
        capture = f"/api/v1/sandbox/payments/{payment['id']}/capture"
        await client.ask("POST", capture, {"callback": "NEVER"}, status=202)
        body = _said(payment)
        await client.ask(
            "POST", "/api/v1/payments/sandbox/callbacks", body, status=204, **self._signed(body)
        )

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
        signature = signatures.sign(self.secret, timestamp=timestamp, nonce=nonce, body=body)
        return {
            "Sandbox-Timestamp": timestamp,
            "Sandbox-Nonce": nonce,
            "Sandbox-Signature": signature,
        }


def _said(payment: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "event_id": f"EV{secrets.token_hex(12)}",
            "merchant_reference": payment["id"],
            "transaction": f"SB{secrets.token_hex(12).upper()}",
            "state": "CAPTURED",
            "amount_fen": payment["amount_fen"],
            "captured_at": datetime.now(UTC).isoformat(),
        }
    ).encode()
