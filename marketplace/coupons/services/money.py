"""Money set aside for coupons: when they are claimed, or when an order uses them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import periods
from core.errors import DomainError
from core.quotas.models import Kind
from core.quotas.services import drawing
from core.transactions import needs_transaction
from marketplace.coupons.domain import discounts
from marketplace.coupons.services import days


class BudgetExhausted(DomainError):
    """The money for these coupons has run out, for good or for today."""

    code = "BUDGET_EXHAUSTED"
    zh = "优惠券的预算已用完，或今日额度已用完。"


@dataclass(frozen=True, slots=True)
class Share:
    """What one budget bears of a coupon whose worst case is known, and how its day caps it."""

    bp: int
    worst_fen: int
    budget_id: int
    quota_id: int
    daily_cap_fen: int | None = None
    # The quota of the day, where it has been opened.
    day_quota_id: int | None = None

    @property
    def reserved_fen(self) -> int:
        """Return what is set aside."""
        return discounts.reservation_fen(self.worst_fen, self.bp)


@needs_transaction
def set_aside(shares: Iterable[Share], *, owner: str, now: datetime) -> None:
    """Hold the worst case of each share in its budget and in the day that caps it, or nothing.

    What comes back frees the day on which it was committed, together with the budget.

    Raises:
        BudgetExhausted: a budget or its day cannot cover a share; the transaction must unwind.
    """
    today, of_today, demands = periods.local_day(now), set(), []
    for share in shares:
        demands.append(drawing.Demand(share.quota_id, share.reserved_fen, Kind.BUDGET))
        if share.daily_cap_fen is None:
            continue
        day_quota_id = share.day_quota_id or days.quota_of(share.budget_id, today)
        if day_quota_id is not None:
            of_today.add(day_quota_id)
            demands.append(drawing.Demand(day_quota_id, share.reserved_fen, Kind.BUDGET))
    try:
        drawing.hold(demands, owner=owner)
    except drawing.Exhausted as exhausted:
        if exhausted.quota_id in of_today:
            tomorrow = periods.beginning_of(today + timedelta(days=1))
            raise BudgetExhausted(limit="DAY", opens_again_at=tomorrow.isoformat()) from None
        raise BudgetExhausted(limit="TOTAL") from None
