from django.urls import path

from orders.placement.api import orders, quotes, shop_orders

urlpatterns = [
    path("quotes", quotes.Quotes.as_view()),
    path("orders", orders.Orders.as_view()),
    path("orders/<uuid:order>", orders.Order.as_view()),
    path("shop-orders/<uuid:shop_order>/parcels", shop_orders.Parcels.as_view()),
    path("shop-orders/<uuid:shop_order>/receipt", shop_orders.Receipt.as_view()),
    path("seller/shops/<uuid:shop>/shop-orders", shop_orders.ShopsOwn.as_view()),
    path("seller/shop-orders/<uuid:shop_order>/parcels", shop_orders.ShopsParcels.as_view()),
]
