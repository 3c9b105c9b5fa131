"""Why something cannot be ordered like this: listed by a quote, raised by the placement."""

from core.errors import DomainError
from orders.placement.domain.choosing import LESS_OFF
from orders.placement.domain.pricing import STACKING, Refused


class NotOnSale(DomainError):
    """Some of this is not on sale any more."""

    code = "SKU_NOT_ON_SALE"
    zh = "部分商品已下架。"


class OutOfStock(DomainError):
    """There is not enough left of this."""

    code = "OUT_OF_STOCK"
    zh = "商品库存不足。"


class ActivityNotRunning(DomainError):
    """This activity sells none of these goods at the moment."""

    code = "ACTIVITY_NOT_RUNNING"
    zh = "该活动当前未进行，或不包含这些商品。"


class NotDeliverable(DomainError):
    """The shop does not deliver to this place."""

    code = "NOT_DELIVERABLE"
    zh = "店铺不配送到该地区。"
    status = 422


class RegionOnHold(DomainError):
    """For the time being nothing is sent to this place, or from where these goods come from."""

    code = "REGION_ON_HOLD"
    zh = "该地区暂停收发货。"
    status = 422


class CouponStacking(DomainError):
    """Of each shop and of the platform only one coupon can be used in an order."""

    code = STACKING
    zh = "每个店铺和平台各限使用一张优惠券（含运费券）。"


class CouponOutOfScope(DomainError):
    """This coupon does not count for these goods."""

    code = "COUPON_OUT_OF_SCOPE"
    zh = "该优惠券不适用于这些商品。"


class CouponBelowThreshold(DomainError):
    """The goods do not reach what this coupon asks for."""

    code = "COUPON_BELOW_THRESHOLD"
    zh = "未达到优惠券的使用门槛。"


class CouponNothingLeft(DomainError):
    """There is nothing left that this coupon could take off."""

    code = "COUPON_NOTHING_LEFT"
    zh = "没有可以再减免的金额。"


class CouponLessOff(DomainError):
    """Other coupons save as much as this one would, or more."""

    code = LESS_OFF
    zh = "其他优惠券组合同样优惠或更优惠。"


_OF_COUPONS: dict[str, type[DomainError]] = {
    problem.code: problem
    for problem in (
        CouponStacking,
        CouponOutOfScope,
        CouponBelowThreshold,
        CouponNothingLeft,
        CouponLessOff,
    )
}


def of_coupon(refused: Refused) -> DomainError:
    """Return why a coupon takes nothing off, with what is missing."""
    return _OF_COUPONS[refused.code](
        coupon=refused.coupon_reference,
        short_fen=refused.short_fen,
        short_pieces=refused.short_pieces,
    )
