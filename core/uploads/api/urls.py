"""Addresses of this room below /api/v1."""

from django.urls import path, re_path

from core.uploads.api import media, uploads

urlpatterns = [
    path("uploads", uploads.Uploads.as_view()),
    re_path(
        r"^media/photos/(?P<folder>[0-9a-f]{2})/(?P<name>[0-9a-f]{32}(?:-thumb)?\.webp)$",
        media.photo,
    ),
    path("media/private/<str:signature>", media.private),
]
