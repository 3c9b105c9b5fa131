"""Addresses of the catalogue."""

from django.urls import path

from shops.catalogue.api import public, seller

urlpatterns = [
    path("products", public.Products.as_view()),
    path("products/<uuid:reference>", public.ProductPage.as_view()),
    path("shops/<str:slug>/products", public.ShopProducts.as_view()),
    path("categories", public.Categories.as_view()),
    path("seller/shops/<uuid:shop>/products", seller.ShopGoods.as_view()),
    path("seller/products/<uuid:reference>", seller.OneProduct.as_view()),
    path("seller/products/<uuid:reference>/publication", seller.Publication.as_view()),
    path("seller/skus/<uuid:reference>", seller.OneSku.as_view()),
    path("seller/skus/<uuid:reference>/stock-adjustments", seller.StockAdjustments.as_view()),
]
