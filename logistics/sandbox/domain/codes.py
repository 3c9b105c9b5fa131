"""The carrier's state codes, those of a widely used Chinese aggregator."""

from types import MappingProxyType

# Codes 6 to 13 (sent back, forwarded, customs) are of no use to a market inside the country.
BY_STATE = MappingProxyType(
    {
        "IN_TRANSIT": "0",
        "COLLECTED": "1",
        "PROBLEM": "2",
        "SIGNED": "3",
        "RETURNED": "4",
        "DELIVERING": "5",
        "REFUSED": "14",
    }
)
