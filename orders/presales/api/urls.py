from django.urls import path

from orders.presales.api.presales import MyPreorders, Preorders, Presale, Presales
from orders.presales.api.seller import ShopPresales
from orders.presales.api.staff import Default

urlpatterns = [
    path("presales", Presales.as_view()),
    path("presales/<uuid:presale>", Presale.as_view()),
    path("presales/<uuid:presale>/orders", Preorders.as_view()),
    path("me/preorders", MyPreorders.as_view()),
    path("seller/shops/<uuid:shop>/presales", ShopPresales.as_view()),
    path("staff/presales/<uuid:presale>/default", Default.as_view()),
]
