"""Every address of the house, by room."""

from django.urls import URLPattern, URLResolver, include, path

# Each room lists its own addresses below /api/v1; a room without an interface is not here.
ROOMS: list[str] = []

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include([path("", include(f"{room}.api.urls")) for room in ROOMS])),
]
