"""Coupons that have run out: their money goes back to the budgets."""

from datetime import datetime

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.quotas.services import drawing
from core.transactions import entry
from marketplace.coupons.domain.owners import owner_of
from marketplace.coupons.domain.states import COUPON_LIFE, CouponState
from marketplace.coupons.models import UserCoupon

AT_ONCE_MAX = 1_000


@entry
def expire_due(now: datetime, limit: int = AT_ONCE_MAX) -> int:
    """Expire unused coupons past their window, the longest overdue first; return how many.

    Coupons that somebody is locking at this moment are left for the next round.
    """
    due = UserCoupon.objects.filter(state=CouponState.UNUSED, valid_until__lte=now)
    locked = list(
        due.select_for_update(skip_locked=True, no_key=True)
        .order_by("valid_until", "id")
        .values_list("pk", "reference")[:limit]
    )
    rows = UserCoupon.objects.filter(pk__in=[pk for pk, _ in locked])
    advance(rows, COUPON_LIFE, "expire", actor=SYSTEM, now=now, expired_at=now)
    drawing.release_many([owner_of(reference) for _, reference in locked])
    return len(locked)
