from django.urls import path

from orders.baskets.api import baskets

urlpatterns = [
    path("basket", baskets.Basket.as_view()),
    path("basket/lines/<uuid:sku>", baskets.BasketLine.as_view()),
]
