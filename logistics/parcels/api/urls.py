from django.urls import path

from logistics.parcels.api.callbacks import Callbacks

urlpatterns = [path("logistics/<slug:carrier>/callbacks", Callbacks.as_view())]
