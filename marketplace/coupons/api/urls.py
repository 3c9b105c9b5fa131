"""Addresses of coupons."""

from django.urls import path

from marketplace.coupons.api import coupons, seller, staff

_SHOP = "seller/shops/<uuid:shop>"

urlpatterns = [
    path("staff/coupon-budgets", staff.Budgets.as_view()),
    path("staff/coupon-budgets/<uuid:reference>", staff.Budget.as_view()),
    path("staff/coupon-batches", staff.Batches.as_view()),
    path("staff/coupon-batches/<uuid:reference>", staff.Batch.as_view()),
    path("staff/coupon-batches/<uuid:reference>/transitions", staff.BatchTransitions.as_view()),
    path(f"{_SHOP}/coupon-batches", seller.ShopBatches.as_view()),
    path(f"{_SHOP}/coupon-batches/<uuid:reference>", seller.ShopBatch.as_view()),
    path(
        f"{_SHOP}/coupon-batches/<uuid:reference>/transitions",
        seller.ShopBatchTransitions.as_view(),
    ),
    path(f"{_SHOP}/accepted-batches", seller.AcceptedBatches.as_view()),
    path("coupon-batches", coupons.Offers.as_view()),
    path("coupon-batches/<uuid:reference>/claims", coupons.Claims.as_view()),
    path("me/coupons", coupons.Wallet.as_view()),
]
