"""What may stand in the way of any order."""

from core.accounts.api.acting import ScopeForbidden
from core.errors import DomainError, NotFound
from marketplace.abuse.services import watching
from marketplace.activities.services.counting import ActivityUserLimit
from marketplace.coupons.services.money import BudgetExhausted
from marketplace.coupons.services.redemption import CouponNotUsable
from orders.placement.domain import problems
from orders.placement.services import placement

ORDER_REFUSALS: tuple[type[DomainError], ...] = (
    NotFound,
    ScopeForbidden,
    placement.QuoteStale,
    problems.ActivityNotRunning,
    ActivityUserLimit,
    problems.NotOnSale,
    problems.OutOfStock,
    problems.NotDeliverable,
    problems.RegionOnHold,
    problems.CouponStacking,
    problems.CouponOutOfScope,
    problems.CouponBelowThreshold,
    problems.CouponNothingLeft,
    CouponNotUsable,
    BudgetExhausted,
    *watching.REFUSALS,
)
