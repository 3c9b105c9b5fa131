"""Figures over time as inline SVG: it prints, and needs neither a script nor the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.console import figures

WIDTH, HEIGHT = 1_000, 240


@dataclass(frozen=True, slots=True)
class Line:
    """One figure at several instants, in their order; its colour, and what it is called."""

    colour: str
    caption: str
    points: Sequence[tuple[datetime, int]]


def drawn(lines: Sequence[Line], *, whole: int, written: Callable[[int], str]) -> SafeString:
    """Draw lines below each other's whole, with their newest figures; nothing without a time."""
    instants = [at for line in lines for at, _ in line.points]
    if not instants or min(instants) == max(instants):
        return SafeString(figures.NOTHING)
    start, end = min(instants), max(instants)
    top = max(1, whole, *(figure for line in lines for _, figure in line.points))
    shapes = format_html_join(
        "",
        '<polyline class="console-line-{}" points="{}"/>',
        [(line.colour, _path(line.points, start, end, top)) for line in lines],
    )
    keys = format_html_join(
        "",
        '<span class="console-key console-key-{}">{} {}</span>',
        [(line.colour, line.caption, written(line.points[-1][1])) for line in lines if line.points],
    )
    return format_html(
        '<div class="console-curve"><p><span>{}</span></p>'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">{}</svg>'
        "<p><span>{}</span><span>{}</span></p><p>{}</p></div>",
        written(top),
        WIDTH,
        HEIGHT,
        " · ".join(line.caption for line in lines),
        shapes,
        figures.local_time(start),
        figures.local_time(end),
        keys,
    )


def _path(points: Sequence[tuple[datetime, int]], start: datetime, end: datetime, top: int) -> str:
    seconds = int((end - start).total_seconds()) or 1
    return " ".join(
        f"{int((at - start).total_seconds()) * WIDTH // seconds},{HEIGHT - figure * HEIGHT // top}"
        for at, figure in points
    )
