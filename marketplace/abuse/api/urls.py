"""Addresses of what was noted of claims and orders."""

from django.urls import path

from marketplace.abuse.api import traces

urlpatterns = [
    path("staff/traces", traces.Traces.as_view()),
    path("staff/traces/<uuid:reference>/ring", traces.RingAround.as_view()),
]
