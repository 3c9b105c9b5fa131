"""Addresses of sections."""

from django.urls import path

from marketplace.sections.api import brands, halls, items, partners, regional, sections, staff

urlpatterns = [
    path("sections", sections.Sections.as_view()),
    path("sections/<str:slug>", sections.OneSection.as_view()),
    path("sections/<str:slug>/products", sections.SectionProducts.as_view()),
    path("sections/<str:slug>/facets", sections.SectionFacets.as_view()),
    path("halls", halls.Halls.as_view()),
    path("halls/<str:county>", halls.OneHall.as_view()),
    path("halls/<str:county>/products", halls.HallProducts.as_view()),
    path("brands", brands.Brands.as_view()),
    path("brands/<uuid:reference>/products", brands.BrandProducts.as_view()),
    path("staff/region-pairings", regional.Pairings.as_view()),
    path("staff/region-pairings/<uuid:reference>/ending", regional.PairingEnding.as_view()),
    path("staff/programmes", regional.StaffProgrammes.as_view()),
    path("staff/programmes/<slug:slug>/regions", regional.StaffProgrammeRegions.as_view()),
    path(
        "staff/programmes/<slug:slug>/regions/<str:county>/ending",
        regional.MembershipEnding.as_view(),
    ),
    path("staff/brands", brands.StaffBrands.as_view()),
    path("staff/brands/<uuid:reference>/retirement", brands.Retirement.as_view()),
    path("staff/brands/<uuid:reference>/authorisations", brands.Authorisations.as_view()),
    path(
        "staff/brands/<uuid:reference>/authorisations/<uuid:shop>", brands.Authorisation.as_view()
    ),
    path("seller/products/<uuid:reference>/brand-mark", brands.SellerMark.as_view()),
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
