from django.urls import path

from orders.reports.api import campaigns, pairings, sales

urlpatterns = [
    path("reports/region-sales", sales.RegionSales.as_view()),
    path("reports/pairings", pairings.PairedSales.as_view()),
    path("reports/campaigns", campaigns.CampaignSales.as_view()),
]
