"""Addresses of campaigns."""

from django.urls import path

from marketplace.campaigns.api import public, seller, staff

urlpatterns = [
    path("campaigns", public.Campaigns.as_view()),
    path("campaigns/<str:slug>", public.CampaignPage.as_view()),
    path("campaigns/<str:slug>/products", public.CampaignProducts.as_view()),
    path("seller/shops/<uuid:shop>/enrolments", seller.ShopEnrolments.as_view()),
    path(
        "seller/shops/<uuid:shop>/enrolments/<uuid:reference>/withdrawal",
        seller.Withdrawal.as_view(),
    ),
    path("staff/campaigns", staff.StaffCampaigns.as_view()),
    path("staff/campaigns/<str:slug>", staff.StaffCampaign.as_view()),
    path("staff/campaigns/<str:slug>/transitions", staff.CampaignTransitions.as_view()),
    path("staff/campaigns/<str:slug>/enrolments", staff.CampaignEnrolments.as_view()),
    path("staff/campaigns/<str:slug>/decisions", staff.CampaignDecisions.as_view()),
    path("staff/enrolments/<uuid:reference>/decisions", staff.EnrolmentDecisions.as_view()),
]
