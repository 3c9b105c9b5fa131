"""Dispatch holds as those who set them see them."""

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
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
