from django.urls import path

from orders.reports.api import sales

urlpatterns = [path("reports/region-sales", sales.RegionSales.as_view())]
