"""What belongs to a campaign besides its prices: the coupons of its budget."""

from datetime import datetime

from core.audit.actors import Actor
from core.transactions import needs_transaction
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.services import deciding


@needs_transaction
def pause_batches(budget_id: int, *, actor: Actor, now: datetime, reason: str) -> int:
    """Pause every running batch that a budget pays for; return how many.

    Whoever holds a coupon may still use it; nobody claims another.
    """
    running = CouponBatch.objects.filter(funding__budget=budget_id, state=BatchState.ACTIVE)
    # In the order of ids, as all rows that several transactions may want.
    locked = list(running.order_by("pk").select_for_update(of=("self",), no_key=True))
    for batch in locked:
        deciding.decide(batch.reference, "pause", actor=actor, now=now, reason=reason)
    return len(locked)
