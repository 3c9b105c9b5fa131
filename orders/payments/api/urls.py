from django.urls import path

from orders.payments.api.cancellation import Cancellation
from orders.payments.api.payments import Callbacks, Payments

urlpatterns = [
    path("orders/<uuid:order>/payments", Payments.as_view()),
    path("orders/<uuid:order>/cancellation", Cancellation.as_view()),
    path("payments/<slug:provider>/callbacks", Callbacks.as_view()),
]
