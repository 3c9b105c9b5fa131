"""Addresses of this room below /api/v1."""

from django.urls import path

from shops.storefronts.api import licences, members, public, seller, staff

urlpatterns = [
    path("seller/shops", seller.Shops.as_view()),
    path("seller/shops/<uuid:reference>", seller.OneShop.as_view()),
    path("seller/shops/<uuid:reference>/checklist", seller.Checklist.as_view()),
    path("seller/shops/<uuid:reference>/licences", licences.Licences.as_view()),
    path("seller/shops/<uuid:reference>/submission", seller.Submission.as_view()),
    path("seller/shops/<uuid:reference>/members", members.Members.as_view()),
    path("seller/shops/<uuid:reference>/members/<uuid:member>", members.OneMember.as_view()),
    path("staff/shops", staff.StaffShops.as_view()),
    path("staff/shops/<uuid:reference>", staff.StaffShop.as_view()),
    path("staff/shops/<uuid:reference>/decisions", staff.Decisions.as_view()),
    path(
        "staff/shops/<uuid:reference>/licences/<uuid:licence>/decisions",
        staff.LicenceDecisions.as_view(),
    ),
    path("shops/<str:slug>", public.PublicShop.as_view()),
]
