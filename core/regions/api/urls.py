"""Addresses of regions and programmes."""

from django.urls import path

from core.regions.api import programmes, regions

urlpatterns = [
    path("regions", regions.Regions.as_view()),
    path("regions/<str:code>", regions.OneRegion.as_view()),
    path("programmes", programmes.Programmes.as_view()),
    path("programmes/<slug:slug>/regions", programmes.ProgrammeRegions.as_view()),
]
