"""What two people may share without knowing each other, brought into one spelling."""

import ipaddress
import unicodedata
from dataclasses import dataclass

# Of an IPv6 address the first half names the connection; the rest a device may choose anew.
IPV6_NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, as it says; empty where it does not."""

    device: str = ""
    network: str = ""


def network_of(address: str) -> str:
    """Return the network that an address belongs to."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_NETWORK_BITS), strict=False))


def place_of(region: str, street: str) -> str:
    """Return an address without what people write differently: width, case, blanks, marks."""
    text = unicodedata.normalize("NFKC", street).casefold()
    kept = "".join(character for character in text if character.isalnum())
    return f"{region} {kept}" if kept else ""
