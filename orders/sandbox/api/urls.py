from django.conf import settings
from django.urls import URLPattern, path

from orders.sandbox.api.capture import Capture

# These addresses exist only where practising is switched on.
urlpatterns: list[URLPattern] = (
    [path("sandbox/payments/<uuid:payment>/capture", Capture.as_view())]
    if settings.MARKETPLACE_SANDBOX
    else []
)
