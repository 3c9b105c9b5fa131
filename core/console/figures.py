"""Fen, basis points and grams as people in the office read them."""

from datetime import datetime

from django.db.models import TextChoices
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core import weight
from core.periods import SHANGHAI


def yuan(fen: int) -> str:
    """Write an amount in yuan: 1234567 becomes "¥12,345.67"."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}¥{whole:,}.{rest:02d}"


def percent(rate_bp: int) -> str:
    """Write a rate in percent: 1550 becomes "15.5 %"."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"


def kilograms(grams: int) -> str:
    """Write a weight in kilograms."""
    return f"{weight.kilograms(grams)} kg"


def local_time(instant: datetime | None) -> str:
    """Write an instant as a clock in China shows it."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if instant else "—"


def label(choices: type[TextChoices], value: str) -> str:
    """Return what a code is called, in the language of the page; labels are "English|中文"."""
    if value not in choices.values:
        return value
    english, _, chinese = str(choices(value).label).partition("|")
    return chinese if chinese and (get_language() or "").startswith("zh") else english


def bar(parts: list[tuple[int, str]], whole: int, caption: str) -> SafeString:
    """Draw shares of a whole as one bar: `parts` are (amount, CSS colour), with a caption below."""
    widths = [(min(100, part * 100 // whole) if whole else 0, colour) for part, colour in parts]
    # Inline SVG: it prints, and needs neither a script nor the network.
    drawn, x = SafeString(""), 0
    for width, colour in widths:
        drawn += format_html(
            '<rect x="{}" y="0" width="{}" height="8" fill="{}"/>', x, width, colour
        )
        x += width
    return format_html(
        '<svg viewBox="0 0 100 8" width="160" height="12" role="img" aria-label="{}"'
        ' preserveAspectRatio="none"><rect width="100" height="8" fill="#e5e7eb"/>{}</svg>'
        '<div style="font-size:12px;white-space:nowrap">{}</div>',
        caption,
        drawn,
        caption,
    )


GREEN, AMBER, RED = "#15803d", "#d97706", "#b91c1c"
