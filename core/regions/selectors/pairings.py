"""Which regions help which."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from core.regions.models import RegionPairing


def known() -> QuerySet[RegionPairing]:
    """Return all pairings, those that are over too."""
    return RegionPairing.objects.all()


def one(reference: UUID) -> RegionPairing:
    """Return a pairing.

    Raises:
        NotFound: there is none of that id.
    """
    found = known().filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="pairing")
    return found


def by_ids(ids: Collection[int]) -> dict[int, RegionPairing]:
    """Return pairings by their keys."""
    return known().in_bulk(ids)
