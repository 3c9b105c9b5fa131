from marketplace.coupons.models.batch import BatchFunding, BatchScope, BatchShop, CouponBatch
from marketplace.coupons.models.budget import BudgetDay, CouponBudget
from marketplace.coupons.models.code import CodeRun, CouponCode
from marketplace.coupons.models.coupon import ClaimCount, CouponUse, UserCoupon
from marketplace.coupons.models.newcomer import PurchaseCount
from marketplace.coupons.models.watch import (
    BatchReading,
    BudgetAlert,
    BudgetReading,
    ClaimRefusal,
)

__all__ = [
    "BatchFunding",
    "BatchReading",
    "BatchScope",
    "BatchShop",
    "BudgetAlert",
    "BudgetDay",
    "BudgetReading",
    "ClaimCount",
    "ClaimRefusal",
    "CodeRun",
    "CouponBatch",
    "CouponBudget",
    "CouponCode",
    "CouponUse",
    "PurchaseCount",
    "UserCoupon",
]
