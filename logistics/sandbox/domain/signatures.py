"""How the carrier signs what it sends: HMAC-SHA256 over timestamp and body."""

import hmac
from hashlib import sha256


def sign(secret: str, *, timestamp: str, body: bytes) -> str:
    """Return the signature of a callback, in hex."""
    key = hmac.new(secret.encode(), b"sandbox carrier", sha256).digest()
    return hmac.new(key, timestamp.encode() + b"\n" + body, sha256).hexdigest()


def is_signed(secret: str, *, timestamp: str, body: bytes, signature: str) -> bool:
    """Tell whether the carrier signed exactly this."""
    wanted = sign(secret, timestamp=timestamp, body=body)
    return hmac.compare_digest(wanted.encode(), signature.encode())
