"""Where a request comes from, for those who note claims and orders."""

import re

from rest_framework.request import Request

from core.http.callers import address_of
from marketplace.abuse.domain.marks import Origin, network_of

# What an app calls itself for as long as it is installed; whoever sends none has none.
DEVICE_HEADER = "Device-Id"
_DEVICE = re.compile(r"[A-Za-z0-9._-]{8,100}", re.ASCII)


def origin_of(request: Request) -> Origin:
    """Return the device and the network of a request; a device that is no word counts as none."""
    said = request.headers.get(DEVICE_HEADER, "")
    device = said if _DEVICE.fullmatch(said) else ""
    return Origin(device=device, network=network_of(address_of(request)))
