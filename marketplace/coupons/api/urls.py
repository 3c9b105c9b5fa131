"""Addresses of coupons."""

from django.urls import path

from marketplace.coupons.api import codes, coupons, funders, outlooks, seller, staff, voiding

_SHOP = "seller/shops/<uuid:shop>"

urlpatterns = [
    path("staff/coupon-budgets", staff.Budgets.as_view()),
    path("staff/coupon-budgets/<uuid:reference>", staff.Budget.as_view()),
    path("staff/coupon-budgets/<uuid:reference>/officers", funders.Officers.as_view()),
    path("staff/coupon-budgets/<uuid:reference>/officers/<uuid:person>", funders.Officer.as_view()),
    path("funder/budgets", funders.FunderBudgets.as_view()),
    path("funder/budgets/<uuid:reference>", funders.FunderBudget.as_view()),
    path("funder/budgets/<uuid:reference>/batches", funders.FunderBatches.as_view()),
    path("funder/budgets/<uuid:reference>/movements", funders.FunderMovements.as_view()),
    path("staff/coupon-batches", staff.Batches.as_view()),
    path("staff/coupon-batches/<uuid:reference>", staff.Batch.as_view()),
    path("staff/coupon-batches/<uuid:reference>/transitions", staff.BatchTransitions.as_view()),
    path("staff/coupon-batches/<uuid:reference>/outlook", outlooks.BatchOutlook.as_view()),
    path("staff/coupon-batches/<uuid:reference>/codes", codes.Codes.as_view()),
    path("staff/coupon-batches/<uuid:reference>/code-run", codes.CodeRun.as_view()),
    path(
        "staff/coupon-batches/<uuid:reference>/code-run/transitions",
        codes.CodeRunTransitions.as_view(),
    ),
    path("staff/coupons/<uuid:reference>/voiding", voiding.CouponVoiding.as_view()),
    path("staff/traces/<uuid:reference>/ring/voiding", voiding.RingVoiding.as_view()),
    path(f"{_SHOP}/coupon-batches", seller.ShopBatches.as_view()),
    path(f"{_SHOP}/coupon-batches/<uuid:reference>", seller.ShopBatch.as_view()),
    path(
        f"{_SHOP}/coupon-batches/<uuid:reference>/transitions",
        seller.ShopBatchTransitions.as_view(),
    ),
    path(f"{_SHOP}/accepted-batches", seller.AcceptedBatches.as_view()),
    path("coupon-batches", coupons.Offers.as_view()),
    path("coupon-batches/<uuid:reference>/claims", coupons.Claims.as_view()),
    path("coupon-codes/claims", codes.ClaimsByCode.as_view()),
    path("me/coupons", coupons.Wallet.as_view()),
]
