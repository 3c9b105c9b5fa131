"""Opening budgets and adding to them."""

from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.errors import NotFound
from core.quotas.models import Kind
from core.quotas.selectors import availability
from core.quotas.services import opening
from core.transactions import needs_transaction
from marketplace.coupons.domain.drafts import Wrong
from marketplace.coupons.models import CouponBudget
from marketplace.coupons.services import wrongs

# A large budget is drawn on by many at once: its money is spread over this many shards.
SHARDS = 16
LARGE_FEN = 1_000_000


@needs_transaction
def open_budget(
    *,
    name: str,
    funder: str,
    organisation: str,
    total_fen: int,
    actor: Actor,
    now: datetime,
    daily_cap_fen: int | None = None,
) -> CouponBudget:
    """Set money aside for coupons.

    Raises:
        InvalidInput: a daily cap is asked for, which would not be kept.
    """
    if daily_cap_fen is not None:
        raise wrongs.refusal_of([Wrong("/daily_cap_fen", "DAILY_CAP_NOT_OFFERED")])
    quota_id = opening.open_quota(
        Kind.BUDGET, total=total_fen, shards=SHARDS if total_fen >= LARGE_FEN else 1
    )
    return CouponBudget.objects.create(
        name=name,
        funder=funder,
        organisation=organisation,
        quota_id=quota_id,
        opened_by_id=actor.user_id,
        opened_at=now,
    )


@needs_transaction
def raise_total(reference: UUID, *, total_fen: int) -> CouponBudget:
    """Add money to a budget until it has the new total; it never shrinks.

    Raises:
        NotFound: there is no such budget.
        InvalidInput: the total would not grow.
    """
    # Two people who raise it at once wait for one another here, so that neither adds twice.
    budget = (
        CouponBudget.objects.select_for_update(of=("self",), no_key=True)
        .filter(reference=reference)
        .first()  # The reference is unique.
    )
    if budget is None:
        raise NotFound(subject="coupon_budget")
    present = availability.figures([budget.quota_id])[budget.quota_id].total
    if total_fen <= present:
        raise wrongs.refusal_of([Wrong("/total_fen", "ONLY_UPWARDS")])
    opening.top_up(budget.quota_id, total_fen - present)
    if present < LARGE_FEN <= total_fen:
        opening.split(budget.quota_id, SHARDS)
    return budget
