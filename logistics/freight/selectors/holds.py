"""Dispatch holds as those who set them see them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
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


def holds_for(user: Any) -> QuerySet[DispatchHold]:
    """Return the holds an operator looks after: all of them, or none."""
    rows = all_holds()
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()
