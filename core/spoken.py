"""Text that people read out and type: no character sounds or looks like another one."""

import unicodedata
from collections.abc import Sequence

# 17 is prime: the check character works for every mistake.
ALPHABET = "0123456789HKMRWXY"
BASE = len(ALPHABET)
# Weights of a longer text would repeat or be 0 modulo 17.
LENGTH_MAX = BASE - 1
# What people write instead.
_MEANT = str.maketrans("OQDILZSBG", "000112586")


def written(value: int, length: int) -> str:
    """Return a number in so many characters."""
    characters = []
    for _ in range(length):
        value, digit = divmod(value, BASE)
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))


def read(characters: Sequence[str]) -> int:
    """Return the number that characters stand for."""
    total = 0
    for character in characters:
        total = total * BASE + ALPHABET.index(character)
    return total


def with_check(body: str) -> str:
    """Return a text with a character behind it that tells of mistakes.

    It catches every single wrong character and every two that changed places.
    """
    return body + ALPHABET[-_weighed(f"{body}{ALPHABET[0]}") % BASE]


def is_checked(text: str, length: int) -> bool:
    """Tell whether a text of this length, its check character included, was read right."""
    if len(text) != length or any(character not in ALPHABET for character in text):
        return False
    return _weighed(text) % BASE == 0


def meant(text: str) -> str:
    """Return what somebody who typed this means: no blanks or dashes, capitals, no look-alikes."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(filter(str.isalnum, plain)).translate(_MEANT)


def _weighed(text: str) -> int:
    weights = range(len(text), 0, -1)
    return sum(
        weight * ALPHABET.index(character) for weight, character in zip(weights, text, strict=True)
    )
