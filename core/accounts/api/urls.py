"""Addresses of this room below /api/v1."""

from django.urls import path

from core.accounts.api import me, signing_in

urlpatterns = [
    path("auth/codes", signing_in.Codes.as_view()),
    path("auth/sessions", signing_in.Sessions.as_view()),
    path("auth/sessions/refresh", signing_in.Refreshing.as_view()),
    path("auth/sessions/current", signing_in.CurrentSession.as_view()),
    path("me", me.Me.as_view()),
    path("me/addresses", me.Addresses.as_view()),
    path("me/addresses/<uuid:reference>", me.OneAddress.as_view()),
]
