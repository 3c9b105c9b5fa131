"""The name of a shop as part of an address."""

import re
from uuid import UUID

from pypinyin import lazy_pinyin

BASE_CHARACTERS_MAX = 60
SUFFIX_CHARACTERS = 8
# Nothing that is read aloud or written down wrongly.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_BETWEEN = re.compile(r"[^a-z0-9]+")


def slug_of(name: str, reference: UUID) -> str:
    """Return a name in pinyin with a tail of its own, so that no two shops ever need the same."""
    # The whole phrase at once: many characters are read differently in different words.
    pinyin = "-".join(lazy_pinyin(name, errors=str.lower))
    base = _BETWEEN.sub("-", pinyin)[:BASE_CHARACTERS_MAX].strip("-") or "shop"
    return f"{base}-{_tail(reference)}"


def _tail(reference: UUID) -> str:
    number, tail = reference.int, ""
    for _ in range(SUFFIX_CHARACTERS):
        number, place = divmod(number, len(ALPHABET))
        tail += ALPHABET[place]
    return tail
