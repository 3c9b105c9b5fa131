from marketplace.coupons.models.batch import BatchFunding, BatchScope, BatchShop, CouponBatch
from marketplace.coupons.models.budget import CouponBudget
from marketplace.coupons.models.coupon import ClaimCount, CouponUse, UserCoupon

__all__ = [
    "BatchFunding",
    "BatchScope",
    "BatchShop",
    "ClaimCount",
    "CouponBatch",
    "CouponBudget",
    "CouponUse",
    "UserCoupon",
]
