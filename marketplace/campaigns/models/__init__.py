from marketplace.campaigns.models.batch import BatchFunding, BatchScope, BatchShop, CouponBatch
from marketplace.campaigns.models.budget import CouponBudget
from marketplace.campaigns.models.coupon import ClaimCount, CouponUse, UserCoupon

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
