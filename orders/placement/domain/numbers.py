"""Order numbers for people: short, safe to read out on the phone, and silent about volume.

A sequence gives 1, 2, 3, ...; a keyed permutation scatters them over all numbers of ten
characters, so that two orders never share one and nobody can count orders by their numbers; a
check character catches every single wrong character and every two that changed places.
"""

import hashlib
import hmac
from functools import lru_cache

from core import spoken

ALPHABET, BASE = spoken.ALPHABET, spoken.BASE
BODY_LENGTH = 10
HALF: int = BASE ** (BODY_LENGTH // 2)
CAPACITY = HALF * HALF
ROUNDS = 8


def number_of(serial: int, key: bytes) -> str:
    """Return the order number of the n-th order, `0 <= serial < CAPACITY`.

    Raises:
        ValueError: there are no numbers left.
    """
    if not 0 <= serial < CAPACITY:
        raise ValueError(f"There is no order number for {serial}.")
    left, right = divmod(serial, HALF)
    for turn in range(ROUNDS):
        left, right = right, (left + _scatter(key, turn, right)) % HALF
    half = BODY_LENGTH // 2
    return spoken.with_check(spoken.written(left, half) + spoken.written(right, half))


def serial_of(number: str, key: bytes) -> int:
    """Return which order a number stands for.

    Raises:
        ValueError: the number was misread or mistyped.
    """
    if not is_number(number):
        raise ValueError("This is not an order number.")
    half = BODY_LENGTH // 2
    left, right = spoken.read(number[:half]), spoken.read(number[half:BODY_LENGTH])
    for turn in reversed(range(ROUNDS)):
        left, right = (right - _scatter(key, turn, left)) % HALF, left
    return left * HALF + right


def is_number(text: str) -> bool:
    """Tell whether a text can be an order number: its length, characters and check character."""
    return spoken.is_checked(text, BODY_LENGTH + 1)


def part_of(number: str, place: int) -> str:
    """Return the number of the n-th shop's part of an order, counted from 1."""
    return f"{number}-{place}"


@lru_cache(maxsize=ROUNDS * 2)
def _round_key(key: bytes, turn: int) -> bytes:
    return hmac.digest(key, b"order number %d" % turn, hashlib.sha256)


def _scatter(key: bytes, turn: int, value: int) -> int:
    digest = hashlib.blake2b(
        value.to_bytes(8, "big"), key=_round_key(key, turn), digest_size=16
    ).digest()
    return int.from_bytes(digest, "big") % HALF
