from django.urls import path

from marketplace.reductions.api.public import ShopReductions
from marketplace.reductions.api.seller import Ending, OwnReductions

urlpatterns = [
    path("shops/<str:slug>/reductions", ShopReductions.as_view()),
    path("seller/shops/<uuid:shop>/reductions", OwnReductions.as_view()),
    path("seller/shops/<uuid:shop>/reductions/<uuid:reference>/ending", Ending.as_view()),
]
