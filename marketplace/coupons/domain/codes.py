"""Codes that give a coupon: made of a secret and a number, so that none tells of the others."""

import hashlib
import hmac

from core import spoken

# 17 ** 15 is more than 61 bits: a million codes, and nobody guesses one.
BODY_LENGTH = 15
LENGTH = BODY_LENGTH + 1
_GROUP = 4


def code_of(secret: bytes, number: int) -> str:
    """Return the n-th code under a secret, without its dashes."""
    digest = hmac.digest(secret, b"coupon code %d" % number, hashlib.sha256)
    value = int.from_bytes(digest, "big") % spoken.BASE**BODY_LENGTH
    return spoken.with_check(spoken.written(value, BODY_LENGTH))


def shown(code: str) -> str:
    """Return a code as it is printed: `0H2K-3M4R-5W6X-7Y89`."""
    return "-".join(code[place : place + _GROUP] for place in range(0, LENGTH, _GROUP))


def meant(text: str) -> str | None:
    """Return the code that somebody typed; None where a character of it must be wrong."""
    code = spoken.meant(text)
    return code if spoken.is_checked(code, LENGTH) else None
