"""Order numbers for people: short, safe to read out on the phone, and silent about volume.

A sequence gives 1, 2, 3, ...; a keyed permutation scatters them over all numbers of ten
characters, so that two orders never share one and nobody can count orders by their numbers; a
check character catches every single wrong character and every two that changed places.
"""

import hashlib
import hmac
from functools import lru_cache

# No character sounds or looks like another one. 17 is prime: the check works for every mistake.
ALPHABET = "0123456789HKMRWXY"
BASE = len(ALPHABET)
BODY_LENGTH = 10
HALF: int = BASE ** (BODY_LENGTH // 2)
CAPACITY = HALF * HALF
ROUNDS = 8
# Weights differ pairwise and are never 0 modulo 17, the check character's own included.
_WEIGHTS = range(BODY_LENGTH + 1, 0, -1)


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
    body = _written(left) + _written(right)
    return body + ALPHABET[-_weighed(body) % BASE]


def serial_of(number: str, key: bytes) -> int:
    """Return which order a number stands for.

    Raises:
        ValueError: the number was misread or mistyped.
    """
    if not is_number(number):
        raise ValueError("This is not an order number.")
    values = [ALPHABET.index(character) for character in number[:BODY_LENGTH]]
    left, right = _read(values[: BODY_LENGTH // 2]), _read(values[BODY_LENGTH // 2 :])
    for turn in reversed(range(ROUNDS)):
        left, right = (right - _scatter(key, turn, left)) % HALF, left
    return left * HALF + right


def is_number(text: str) -> bool:
    """Tell whether a text can be an order number: its length, characters and check character."""
    if len(text) != BODY_LENGTH + 1 or any(character not in ALPHABET for character in text):
        return False
    return _weighed(text) % BASE == 0


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


def _written(value: int) -> str:
    characters = []
    for _ in range(BODY_LENGTH // 2):
        value, digit = divmod(value, BASE)
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))


def _read(values: list[int]) -> int:
    total = 0
    for value in values:
        total = total * BASE + value
    return total


def _weighed(text: str) -> int:
    return sum(
        weight * ALPHABET.index(character)
        for weight, character in zip(_WEIGHTS, text, strict=False)
    )
