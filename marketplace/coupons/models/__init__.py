from marketplace.coupons.models.batch import BatchFunding, BatchScope, BatchShop, CouponBatch
from marketplace.coupons.models.budget import BudgetDay, CouponBudget
from marketplace.coupons.models.code import CodeRun, CouponCode
from marketplace.coupons.models.coupon import ClaimCount, CouponUse, UserCoupon
from marketplace.coupons.models.newcomer import PurchaseCount

__all__ = [
    "BatchFunding",
    "BatchScope",
    "BatchShop",
    "BudgetDay",
    "ClaimCount",
    "CodeRun",
    "CouponBatch",
    "CouponBudget",
    "CouponCode",
    "CouponUse",
    "PurchaseCount",
    "UserCoupon",
]
