"""Dispatch holds as an operator sees them in the console."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from logistics.freight.models import DispatchHold
from logistics.freight.selectors import holds


def holds_for(user: Any) -> QuerySet[DispatchHold]:
    """Return the holds an operator looks after: all of them, or none."""
    rows = holds.all_holds()
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()
