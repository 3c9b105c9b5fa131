"""Dispatch holds as those who set them see them, and when they stood in the way of goods."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Least

from core.errors import NotFound
from core.regions import codes
from logistics.freight.domain.promising import Window
from logistics.freight.models import DispatchHold


def all_holds() -> QuerySet[DispatchHold]:
    """Return every hold there was."""
    return DispatchHold.objects.all()


def one(reference: UUID) -> DispatchHold:
    """Return a hold.

    Raises:
        NotFound: there is none of that id.
    """
    found = DispatchHold.objects.filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="dispatch hold")
    return found


def windows(ways: Mapping[int, Collection[str]], *, since: datetime) -> dict[int, list[Window]]:
    """Return when goods on each way were, are or will be held from an instant on; one statement.

    A way is the counties that goods come from and go to. A lifted hold counts until it was lifted.
    """
    touched = {
        key: {code for county in counties for code in codes.ancestors(county)}
        for key, counties in ways.items()
    }
    rows = (
        DispatchHold.objects.filter(region__in=set().union(*touched.values()))
        .annotate(until=Least("ends_at", "lifted_at"))  # Of an instant and none it is the instant.
        .filter(Q(until=None) | Q(until__gt=since))
        .values_list("region", "starts_at", "until")
    )
    found = [(region, Window(starts_at, until)) for region, starts_at, until in rows]
    return {
        key: [window for region, window in found if region in regions]
        for key, regions in touched.items()
    }
