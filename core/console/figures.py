"""Fen, basis points and grams as people in the office read them; tables and bars."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import weight
from core.console import words
from core.periods import SHANGHAI

GREEN, AMBER, RED, BLUE, GREY = "green", "amber", "red", "blue", "grey"
NOTHING = "—"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
# How long a bar is, in its own units, and the least of it that can be seen.
BAR, SEEN = 1_000, 8


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar: how much, its colour, and what it is called with its figure."""

    amount: int
    colour: str
    caption: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A larger piece of a page; a wide one takes a row of its own."""

    title: Any
    body: SafeString
    is_wide: bool = False


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
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if instant else NOTHING


def local_second(instant: datetime | None) -> str:
    """Write an instant to the second, where the order of things matters."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if instant else NOTHING


def window(start: datetime | None, end: datetime | None) -> str:
    """Write a half-open window of time; an open side is left out."""
    if start is None and end is None:
        return NOTHING
    if start is None:
        return words.chosen(f"until {local_time(end)}", f"{local_time(end)} 截止")
    if end is None:
        return words.chosen(f"from {local_time(start)}", f"{local_time(start)} 起")
    return f"{local_time(start)} – {local_time(end)}"


def stretch(start: datetime, end: datetime) -> SafeString:
    """Draw a window of time as two lines, so that no column of a list breaks a date."""
    drawn = lines(local_time(start), f"– {local_time(end)}")
    return format_html('<div class="console-stretch">{}</div>', drawn)


def label(choices: type[TextChoices], value: str) -> str:
    """Return what a code is called, in the language of the page; labels are "English|中文"."""
    if value not in choices.values:
        return value
    english, _, chinese = str(choices(value).label).partition("|")
    return words.chosen(english, chinese or english)


def badge(text: str, colour: str = GREY) -> SafeString:
    """Draw a word on a coloured ground."""
    return format_html('<span class="console-badge console-{}">{}</span>', colour, text)


def bar(parts: Sequence[Part], whole: int) -> SafeString:
    """Draw shares of a whole as one bar, with what each colour stands for below it."""
    # Inline SVG: it prints, and needs neither a script nor the network.
    drawn, x = SafeString(""), 0
    for part in parts:
        width = min(BAR - x, _width(part.amount, whole))
        drawn += format_html(
            '<rect class="console-fill-{}" x="{}" width="{}" height="8"/>', part.colour, x, width
        )
        x += width
    captions = [(part.colour, part.caption) for part in parts]
    return format_html(
        '<div class="console-bar"><svg viewBox="0 0 1000 8" role="img" aria-label="{}"'
        ' preserveAspectRatio="none"><rect class="console-fill-empty" width="1000" height="8"/>'
        "{}</svg><p>{}</p></div>",
        " · ".join(part.caption for part in parts),
        drawn,
        format_html_join("", '<span class="console-key console-key-{}">{}</span>', captions),
    )


def _width(amount: int, whole: int) -> int:
    # What is there is always seen, however little it is of the whole.
    return max(SEEN, amount * BAR // whole) if amount > 0 and whole > 0 else 0


def table(
    headings: Sequence[object], rows: Iterable[Sequence[object]], *, figures: Collection[int] = ()
) -> SafeString:
    """Draw a small table; columns numbered in `figures` are set to the right."""
    kinds = ["console-figure" if place in figures else "" for place in range(len(headings))]
    body = [
        (
            format_html_join(
                "",
                '<td class="{}">{}</td>',
                [(kind or _kind_of(cell), cell) for kind, cell in zip(kinds, row, strict=True)],
            ),
        )
        for row in rows
    ]
    if not body:
        return SafeString(NOTHING)
    return format_html(
        '<div class="console-table"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        format_html_join("", '<th class="{}">{}</th>', zip(kinds, headings, strict=True)),
        format_html_join("", "<tr>{}</tr>", body),
    )


def _kind_of(cell: object) -> str:
    return "console-time" if _TIME.match(str(cell)) else ""


def lines(*texts: object) -> SafeString:
    """Set texts below each other, leaving out what is empty."""
    shown = [(text,) for text in texts if text]
    # In one block: the lists of small screens set what stands in a cell side by side.
    return (
        format_html("<div>{}</div>", format_html_join("", "<div>{}</div>", shown))
        if shown
        else SafeString("")
    )


def heading(address: str, text: object) -> SafeString:
    """Return a link that stands above a table."""
    return format_html('<a class="console-link console-heading" href="{}">{}</a>', address, text)


def link(address: str, text: object) -> SafeString:
    """Return a link to a page of the console."""
    return format_html('<a class="console-link" href="{}">{}</a>', address, text)
