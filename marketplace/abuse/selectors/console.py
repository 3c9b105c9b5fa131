"""Traces as an operator sees them in the console."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from marketplace.abuse.models import Trace
from marketplace.abuse.selectors import rings


def traces_for(user: Any) -> QuerySet[Trace]:
    """Return the traces an operator looks at: all of them, or none."""
    rows = rings.traces()
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()
