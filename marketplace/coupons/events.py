"""What coupons tell: ids and facts, in the past tense."""

from dataclasses import dataclass

from core.outbox.events import event


@event("coupons.coupon_voided")
@dataclass(frozen=True, slots=True)
class CouponVoided:
    """A coupon that an unpaid order had locked is worth nothing any more."""

    coupon_reference: str
    order_reference: str
