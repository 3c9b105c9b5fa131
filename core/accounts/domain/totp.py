"""One-time codes made by a clock and a shared secret (RFC 6238, RFC 4226)."""

import base64
import hmac
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

SECRET_BYTES = 20
DIGITS = 6
STEP_S = 30
# A phone's clock may be half a minute early or late.
DRIFT_STEPS = 1


def code_at(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """Return the code of one step of the clock (RFC 4226 section 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), "sha1").digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(instant: datetime) -> int:
    """Return the step of the clock at an instant."""
    return int(instant.timestamp()) // STEP_S


def step_of_code(secret: bytes, code: str, instant: datetime) -> int | None:
    """Return the step whose code this is, around an instant, or None where it is none of them."""
    middle = step_of(instant)
    found = None
    for step in range(middle - DRIFT_STEPS, middle + DRIFT_STEPS + 1):
        # Every step is compared, so that the time it takes tells nothing.
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def written(secret: bytes) -> str:
    """Return a secret as people type it into their app."""
    return base64.b32encode(secret).decode().rstrip("=")


def address_of(secret: bytes, *, issuer: str, account: str) -> str:
    """Return the `otpauth://` address that a QR code carries."""
    facts = {
        "secret": written(secret),
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": STEP_S,
    }
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{urlencode(facts, quote_via=quote)}"
