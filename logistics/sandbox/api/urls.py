from django.conf import settings
from django.urls import URLPattern, path

from logistics.sandbox.api.events import Events

# These addresses exist only where practising is switched on.
urlpatterns: list[URLPattern] = (
    [path("sandbox/parcels/<uuid:parcel>/events", Events.as_view())]
    if settings.MARKETPLACE_SANDBOX
    else []
)
