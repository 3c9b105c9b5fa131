"""Mainland mobile numbers, however people write them, as one spelling: `+8613900000001`."""

import re
import unicodedata

from core.accounts import sealing
from core.errors import InvalidInput

PHONE_LENGTH_MAX = 40
_SEPARATORS = re.compile(r"[\s\-().]+")
_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")


def normalised(written: str, *, pointer: str = "/phone") -> str:
    """Return the one spelling of a mainland mobile number.

    Raises:
        InvalidInput: it is not a mainland mobile number.
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", written[:PHONE_LENGTH_MAX]))
    match = _MAINLAND.fullmatch(plain)
    if match is None:
        raise InvalidInput.at(
            pointer, "PHONE", "Give a mainland mobile number of 11 digits. 请填写11位手机号码。"
        )
    return f"+86{match[1]}"


def index_of(phone: str) -> str:
    """Return the blind index of a normalised phone."""
    return sealing.blind_index("phone", phone)
