"""Payments for tests: opened by the service, called back as the practice provider does."""

import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings

from orders.payments.models import Payment
from orders.payments.services import capturing, paying
from orders.placement.models import Order
from orders.sandbox.domain import signatures


def a_payment(order: Order, *, now: datetime, provider: str = "sandbox") -> Payment:
    """Return a payment of an order, open at its provider."""
    return paying.start(
        buyer_id=order.buyer_id,
        order_reference=order.reference,
        provider=provider,
        key=str(uuid.uuid4()),
        now=now,
    )


def a_callback(payment: Payment, *, now: datetime, **said: Any) -> tuple[dict[str, str], bytes]:
    """Return the signed headers and body that the provider sends about a payment."""
    body = json.dumps(
        {
            "event_id": f"EV{payment.reference.hex[:20]}",
            "merchant_reference": str(payment.reference),
            "transaction": "SB0001",
            "state": "CAPTURED",
            "amount_fen": payment.amount_fen,
            "captured_at": now.isoformat(),
            **said,
        }
    ).encode()
    timestamp, nonce = str(int(now.timestamp())), uuid.uuid4().hex
    signature = signatures.sign(settings.SECRET_KEY, timestamp=timestamp, nonce=nonce, body=body)
    headers = {
        "Sandbox-Timestamp": timestamp,
        "Sandbox-Nonce": nonce,
        "Sandbox-Signature": signature,
    }
    return headers, body


def call_back(payment: Payment, *, now: datetime, **said: Any) -> bool:
    """Deliver a callback, as the interface does."""
    headers, body = a_callback(payment, now=now, **said)
    return capturing.receive(payment.provider, headers=headers, body=body, now=now)
