"""Who is new: without a paid order that stands."""

from django.db.models import Exists, OuterRef, Q

from marketplace.coupons.domain.states import CouponState
from marketplace.coupons.models import PurchaseCount, UserCoupon


def is_new(user_id: int) -> bool:
    """Tell whether somebody has no paid order."""
    return not PurchaseCount.objects.filter(user_id=user_id, orders__gt=0).exists()


def fits_newcomers(user_id: int) -> Q:
    """Return which coupons somebody is new enough for: all of them, or all but those."""
    bought = PurchaseCount.objects.filter(user_id=user_id, orders__gt=0)
    return Q(is_for_newcomers=False) | ~Q(Exists(bought))


def first_order_is_taken() -> Exists:
    """Return whether the owner of a coupon has another for new users in an order."""
    others = UserCoupon.objects.filter(
        user=OuterRef("user"),
        is_for_newcomers=True,
        state__in=(CouponState.LOCKED, CouponState.USED),
    )
    return Exists(others.exclude(pk=OuterRef("pk")))
