"""Addresses of sections."""

from django.urls import path

from marketplace.sections.api import items, partners, sections, staff

urlpatterns = [
    path("sections", sections.Sections.as_view()),
    path("sections/<str:slug>", sections.OneSection.as_view()),
    path("sections/<str:slug>/products", sections.SectionProducts.as_view()),
    path("sections/<str:slug>/facets", sections.SectionFacets.as_view()),
    path("staff/sections", staff.StaffSections.as_view()),
    path("staff/sections/<str:slug>", staff.StaffSection.as_view()),
    path("staff/sections/<str:slug>/pins", staff.StaffPins.as_view()),
    path("staff/sections/<str:slug>/items", items.StaffItems.as_view()),
    path("staff/sections/<str:slug>/items/<uuid:reference>", items.StaffItem.as_view()),
    path(
        "staff/sections/<str:slug>/items/<uuid:reference>/decisions",
        items.StaffDecisions.as_view(),
    ),
    path("staff/sections/<str:slug>/partners", partners.PartnerPeople.as_view()),
    path("staff/sections/<str:slug>/partners/<uuid:person>", partners.PartnerPerson.as_view()),
    path("partner/sections", items.PartnerSections.as_view()),
    path("partner/sections/<str:slug>/items", items.PartnerItems.as_view()),
    path("partner/sections/<str:slug>/items/<uuid:reference>", items.PartnerItem.as_view()),
    path(
        "partner/sections/<str:slug>/items/<uuid:reference>/decisions",
        items.PartnerDecisions.as_view(),
    ),
    path("seller/products/<uuid:reference>/section-items", items.SellerItems.as_view()),
]
