"""Addresses of sections."""

from django.urls import path

from marketplace.sections.api import sections, staff

urlpatterns = [
    path("sections", sections.Sections.as_view()),
    path("sections/<str:slug>", sections.OneSection.as_view()),
    path("sections/<str:slug>/products", sections.SectionProducts.as_view()),
    path("sections/<str:slug>/facets", sections.SectionFacets.as_view()),
    path("staff/sections", staff.StaffSections.as_view()),
    path("staff/sections/<str:slug>", staff.StaffSection.as_view()),
    path("staff/sections/<str:slug>/pins", staff.StaffPins.as_view()),
]
