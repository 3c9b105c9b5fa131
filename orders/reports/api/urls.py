from django.urls import path

from orders.reports.api import pairings, sales

urlpatterns = [
    path("reports/region-sales", sales.RegionSales.as_view()),
    path("reports/pairings", pairings.PairedSales.as_view()),
]
