"""How far the goods of a shop order have come, read from its parcels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """What one parcel holds, by line, and where it is."""

    quantities: Mapping[str, int]
    is_collected: bool
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Whether anything, or everything, has left; and since when the buyer has it all."""

    is_any_shipped: bool
    is_all_shipped: bool
    signed_at: datetime | None


def progress_of(ordered: Mapping[str, int], parcels: Iterable[ParcelFacts]) -> Progress:
    """Compare what was ordered, by line, with what the parcels hold.

    A parcel that was signed for has been collected, whatever the carrier forgot to say.
    """
    shipped = dict.fromkeys(ordered, 0)
    signed = dict.fromkeys(ordered, 0)
    signatures: list[datetime] = []
    for parcel in parcels:
        if parcel.is_collected or parcel.signed_at is not None:
            _add(shipped, parcel.quantities)
        if parcel.signed_at is not None:
            _add(signed, parcel.quantities)
            signatures.append(parcel.signed_at)
    return Progress(
        is_any_shipped=any(shipped.values()),
        is_all_shipped=_covers(shipped, ordered),
        signed_at=max(signatures) if signatures and _covers(signed, ordered) else None,
    )


def _add(counts: dict[str, int], quantities: Mapping[str, int]) -> None:
    for line, quantity in quantities.items():
        counts[line] = counts.get(line, 0) + quantity


def _covers(counts: Mapping[str, int], ordered: Mapping[str, int]) -> bool:
    return bool(ordered) and all(counts[line] >= quantity for line, quantity in ordered.items())
