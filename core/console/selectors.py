"""What an operator may see of the mechanisms: deliveries, the state log, people."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from core.accounts.domain.roles import Role
from core.accounts.models import RoleMembership, SignInCount, User
from core.audit.models import StateLog
from core.console import reach
from core.outbox.models import Delivery


def deliveries_for(user: Any) -> QuerySet[Delivery]:
    """Return the deliveries an operator looks after: all of them, or none."""
    rows = Delivery.objects.select_related("message")
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def steps_for(user: Any) -> QuerySet[StateLog]:
    """Return the steps of all lives, for an operator."""
    rows = StateLog.objects.select_related("actor", "on_behalf_of")
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def people_for(user: Any) -> QuerySet[User]:
    """Return the people of the market with their present roles, for an operator."""
    held = RoleMembership.objects.filter(ended_at=None).select_related("organisation")
    rows = User.objects.defer("password").prefetch_related(
        Prefetch("role_memberships", held.order_by("role", "id"))
    )
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def sign_in_counts_for(user: Any) -> QuerySet[SignInCount]:
    """Return who tried the console's door in vain, for an operator."""
    rows = SignInCount.objects.select_related("user")
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()
