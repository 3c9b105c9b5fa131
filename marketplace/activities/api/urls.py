from django.urls import path

from marketplace.activities.api.planning import (
    ShopEnding,
    ShopFlashSales,
    StaffEnding,
    StaffFlashSales,
)
from marketplace.activities.api.public import FlashSale, FlashSales

SHOP = "seller/shops/<uuid:shop>/flash-sales"

urlpatterns = [
    path("flash-sales", FlashSales.as_view()),
    path("flash-sales/<uuid:flash_sale>", FlashSale.as_view()),
    path(SHOP, ShopFlashSales.as_view()),
    path(f"{SHOP}/<uuid:flash_sale>/ending", ShopEnding.as_view()),
    path("staff/flash-sales", StaffFlashSales.as_view()),
    path("staff/flash-sales/<uuid:flash_sale>/ending", StaffEnding.as_view()),
]
