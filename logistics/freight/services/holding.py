"""Holding back what would travel to or from a region, and letting it go again."""

from datetime import datetime

from core.audit.actors import Actor
from core.audit.advancing import advance_one, log_birth
from core.errors import InvalidInput
from core.transactions import needs_transaction
from logistics.freight.domain.holding import HOLD, HoldKind
from logistics.freight.models import DispatchHold


@needs_transaction
def set_hold(
    *,
    region: str,
    kind: HoldKind,
    starts_at: datetime | None,
    ends_at: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> DispatchHold:
    """Hold a region back from an instant on, at once where none is named.

    Raises:
        InvalidInput: the window is not forward, or over already.
    """
    begins = starts_at or now
    if ends_at is not None and ends_at <= max(begins, now):
        raise InvalidInput.at("/ends_at", "WINDOW_NOT_FORWARD", "ends_at <= starts_at, or past")
    hold = DispatchHold.objects.create(
        region=region,
        kind=kind,
        starts_at=begins,
        ends_at=ends_at,
        reason=reason,
        made_by_id=actor.user_id,
        made_at=now,
    )
    log_birth(HOLD, [hold.pk], hold.state, actor=actor, now=now)
    return hold


@needs_transaction
def lift(hold: DispatchHold, *, reason: str, actor: Actor, now: datetime) -> DispatchHold:
    """Let goods travel again, whatever end the hold had.

    Raises:
        IllegalTransition: it was lifted before.
    """
    rows = DispatchHold.objects.filter(pk=hold.pk)
    advance_one(rows, HOLD, "lift", actor=actor, now=now, reason=reason, lifted_at=now)
    hold.refresh_from_db()
    return hold
