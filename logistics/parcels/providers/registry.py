"""Which carriers are switched on."""

import csv
from functools import cache
from pathlib import Path

from django.conf import settings

from core.errors import NotFound
from logistics.parcels.providers.protocol import Carrier
from logistics.parcels.providers.sandbox import SandboxCarrier

_FILE = Path(__file__).resolve().parents[1] / "data" / "carriers.csv"
_SANDBOX: dict[str, Carrier] = {SandboxCarrier.name: SandboxCarrier()}


def carriers() -> dict[str, Carrier]:
    """Return the carriers that can be asked."""
    return _SANDBOX if settings.MARKETPLACE_SANDBOX else {}


def carrier(name: str) -> Carrier:
    """Return a carrier by its code.

    Raises:
        NotFound: there is none of this code, or it is switched off.
    """
    try:
        return carriers()[name]
    except KeyError:
        raise NotFound(carrier=name) from None


@cache
def names() -> dict[str, str]:
    """Return the name of every carrier that a seller may use, by its code."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
