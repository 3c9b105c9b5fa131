"""How the console looks and what it is called; its pages stand in the rooms' `admin.py`."""

from django.http import HttpRequest
from django.templatetags.static import static

from core.console.words import chosen


def title(request: HttpRequest) -> str:  # noqa: ARG001
    """Return what the console is called."""
    return chosen("Farm market console", "农产品集市管理后台")


def header(request: HttpRequest) -> str:  # noqa: ARG001
    """Return what stands above the sidebar."""
    return chosen("Farm market", "农产品集市")


def subheader(request: HttpRequest) -> str:  # noqa: ARG001
    """Return what stands below it."""
    return chosen("Staff console", "管理后台")


def style(request: HttpRequest) -> str:  # noqa: ARG001
    """Return the address of what we add to the theme."""
    return static("console/console.css")


def icon(request: HttpRequest) -> str:  # noqa: ARG001
    """Return the address of the picture in a browser's tab."""
    return static("console/icon.svg")


# Every font, script and style comes with the packages: the console asks no other machine.
UNFOLD = {
    "SITE_TITLE": "marketplace.config.look.title",
    "SITE_HEADER": "marketplace.config.look.header",
    "SITE_SUBHEADER": "marketplace.config.look.subheader",
    "SITE_SYMBOL": "nutrition",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "marketplace.config.look.icon"}
    ],
    "LOGIN": {"form": "core.console.door.SignInForm"},
    "ACCOUNT": {"navigation": "core.console.navigation.account"},
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "marketplace.config.dashboard.today",
    "STYLES": ["marketplace.config.look.style"],
    "SIDEBAR": {"navigation": "core.console.navigation.sidebar", "show_search": False},
    "COLORS": {
        "primary": {
            "50": "oklch(98.2% .018 155.826)",
            "100": "oklch(96.2% .044 156.743)",
            "200": "oklch(92.5% .084 155.995)",
            "300": "oklch(87.1% .15 154.449)",
            "400": "oklch(79.2% .209 151.711)",
            "500": "oklch(72.3% .219 149.579)",
            # White on this is readable (5:1).
            "600": "oklch(52.7% .154 150.069)",
            "700": "oklch(44.8% .119 151.328)",
            "800": "oklch(39.3% .095 152.535)",
            "900": "oklch(33% .08 152.535)",
            "950": "oklch(26.6% .065 152.934)",
        },
    },
}
