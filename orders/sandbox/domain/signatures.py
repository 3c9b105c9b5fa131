"""How the provider signs what it sends: Ed25519 over timestamp, nonce and body."""

import base64
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@lru_cache(maxsize=4)
def signing_key(secret: str) -> Ed25519PrivateKey:
    """Derive the provider's own key from a secret, so that practice needs no key file."""
    seed = HKDF(SHA256(), length=32, salt=None, info=b"sandbox payment provider")
    return Ed25519PrivateKey.from_private_bytes(seed.derive(secret.encode()))


def sign(secret: str, *, timestamp: str, nonce: str, body: bytes) -> str:
    """Return the signature of a callback, base64."""
    message = _message(timestamp, nonce, body)
    return base64.b64encode(signing_key(secret).sign(message)).decode()


def is_signed(secret: str, *, timestamp: str, nonce: str, body: bytes, signature: str) -> bool:
    """Tell whether the provider signed exactly this."""
    try:
        raw = base64.b64decode(signature, validate=True)
        signing_key(secret).public_key().verify(raw, _message(timestamp, nonce, body))
    except (InvalidSignature, ValueError):
        return False
    return True


def _message(timestamp: str, nonce: str, body: bytes) -> bytes:
    return b"\n".join([timestamp.encode(), nonce.encode(), body])
