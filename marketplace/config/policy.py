"""What browsers may do with our pages: which scripts run, whom they talk to, who may frame them."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse

Next = Callable[[HttpRequest], HttpResponse]
Rules = Mapping[str, str]

NOTHING: Rules = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
# Our own pages have neither scripts nor styles inside.
PAGE: Rules = {**NOTHING, "style-src": "'self'", "img-src": "'self' data:", "form-action": "'self'"}
# Swagger writes styles into the page, never scripts.
DOCUMENT: Rules = {
    **PAGE,
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self'",
    "font-src": "'self' data:",
}
# The theme of the console reads expressions out of its own attributes, for which browsers ask for
# 'unsafe-eval'; a script that somebody has smuggled into a page still does not run.
CONSOLE: Rules = {**DOCUMENT, "script-src": "'self' 'unsafe-eval'"}

# The first that an address begins with.
RULES = (("/admin/", CONSOLE), ("/api/docs/", DOCUMENT), ("/api/", NOTHING), ("/", PAGE))
POLICIES = tuple(
    (start, "; ".join(f"{name} {value}" for name, value in rules.items())) for start, rules in RULES
)

PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media"),
        *("geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"),
    )
)


class Policies:
    """Write the policies on every answer that has none of its own."""

    def __init__(self, following: Next) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.following(request)
        answer.headers.setdefault("Content-Security-Policy", policy_of(request.path_info))
        answer.headers.setdefault("Permissions-Policy", PERMISSIONS)
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return answer


def policy_of(path: str) -> str:
    """Return the content policy of an address."""
    return next((policy for start, policy in POLICIES if path.startswith(start)), POLICIES[-1][1])
