"""Pairing regions that help with regions that are helped."""

from datetime import date

from django.db.models import Q

from core.errors import DomainError, IllegalTransition, InvalidInput
from core.regions.models import RegionPairing
from core.transactions import needs_transaction, refusing


class PairedAlready(DomainError):
    """These two regions are paired on some of these days already."""

    code = "PAIRED_ALREADY"
    zh = "这两个地区在该时段内已经结对。"


_REFUSALS: dict[str, type[DomainError]] = {
    "regions_regionpairing_paired_once_at_a_time": PairedAlready
}


@needs_transaction
def pair(
    *,
    helper: str,
    helped: str,
    valid_from: date,
    valid_until: date | None,
    priority: int,
    reason: str,
) -> RegionPairing:
    """Let what one region buys from another count as help from a day on.

    Raises:
        InvalidInput: they are the same region.
        PairedAlready: they are paired on some of these days.
    """
    if helper == helped:
        raise InvalidInput.at("/helped", "SAME_REGION", "A region is paired with another.")
    with refusing(_REFUSALS):
        return RegionPairing.objects.create(
            helper=helper,
            helped=helped,
            valid_from=valid_from,
            valid_until=valid_until,
            priority=priority,
            reason=reason,
        )


@needs_transaction
def end(pairing: RegionPairing, *, on: date) -> RegionPairing:
    """End a pairing: the day named is the first on which it does not count.

    What was sold before keeps what it counted for.

    Raises:
        InvalidInput: it began on that day or later.
        IllegalTransition: it ended before.
    """
    if on <= pairing.valid_from:
        raise InvalidInput.at("/on", "WINDOW_NOT_FORWARD", "It began on that day or later.")
    later = Q(valid_until=None) | Q(valid_until__gt=on)
    if not RegionPairing.objects.filter(later, pk=pairing.pk).update(valid_until=on):
        raise IllegalTransition(subject="pairing", action="end")
    pairing.refresh_from_db()
    return pairing
