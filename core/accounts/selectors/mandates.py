"""Who may act for whom."""

from datetime import datetime
from uuid import UUID

from core.accounts.domain.roles import Scope
from core.accounts.models import Mandate


def principal_of(
    agent_id: int, principal_reference: UUID, scope: Scope, now: datetime
) -> int | None:
    """Return whom an agent may act for in a scope, or None without such a mandate."""
    return (
        Mandate.objects.filter(
            agent_id=agent_id,
            principal__reference=principal_reference,
            principal__is_active=True,
            scopes__contains=[scope.value],
            valid_from__lte=now,
            valid_until__gt=now,
            revoked_at__isnull=True,
        )
        .values_list("principal_id", flat=True)
        .order_by("principal_id")
        .first()
    )
