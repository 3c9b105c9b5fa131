"""Every address of the house, by room."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularSwaggerSplitView

from core.http import pages, problems
from marketplace.config import front

# Each room lists its own addresses below /api/v1; a room without an interface is not here. They are
# tried in this order: what a crowd asks for comes first.
ROOMS: list[str] = [
    "orders.placement",
    "marketplace.sections",
    "shops.catalogue",
    "marketplace.coupons",
    "orders.payments",
    "orders.baskets",
    "orders.groupbuys",
    "orders.presales",
    "orders.sandbox",
    "orders.reports",
    "shops.storefronts",
    "core.accounts",
    "core.uploads",
    "core.http",
    "core.regions",
    "marketplace.abuse",
    "marketplace.reductions",
    "marketplace.campaigns",
    "marketplace.activities",
    "logistics.freight",
    "logistics.parcels",
    "logistics.sandbox",
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.front_page, name="front"),
    path("admin/", admin.site.urls),
    path("problems/<slug:slug>", pages.problem_page, name="problem"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include([path("", include(f"{room}.api.urls")) for room in ROOMS])),
    # What is not there asks nobody for a token: it is not found, whatever the method.
    re_path(r"^api/", csrf_exempt(problems.unknown_address)),
]

handler400 = problems.on_bad_request
handler403 = problems.on_forbidden
handler404 = problems.on_not_found
handler500 = problems.on_server_fault
