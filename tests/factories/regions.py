"""Pairings and programmes of regions' own, for tests."""

import itertools
from datetime import date
from typing import Any

from django.db import transaction

from core.regions.models import Programme, RegionPairing
from core.regions.services import pairing, programmes

_NUMBERS = itertools.count(1)
SHANGHAI, HUBEI, ZIGUI = "310000", "420000", "420527"
BEGUN = date(2026, 1, 1)


def a_pairing(helper: str = SHANGHAI, helped: str = HUBEI, **wanted: Any) -> RegionPairing:
    """Return a pairing of two regions, since the beginning of the year and without an end."""
    given = {"valid_from": BEGUN, "valid_until": None, "priority": 100, "reason": "东西部协作"}
    with transaction.atomic():
        return pairing.pair(helper=helper, helped=helped, **{**given, **wanted})


def a_programme(region: str = HUBEI, *counties: str) -> Programme:
    """Return a programme of a region's own; without counties Zigui belongs to it."""
    number = next(_NUMBERS)
    with transaction.atomic():
        found = programmes.found(
            slug=f"own-{number}",
            name_zh=f"省级项目{number}",
            name_en=f"Own programme {number}",
            source="省政府文件",
            region=region,
        )
        for county in counties or (ZIGUI,):
            programmes.admit(found, county, valid_from=BEGUN, valid_until=None, reason="文件")
    return found
