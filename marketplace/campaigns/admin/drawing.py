"""The calendar as a grid: a row for each campaign, a column for each day or week."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.console import figures
from core.console.words import chosen
from core.periods import beginning_of, local_day
from marketplace.campaigns.domain.states import CampaignState

MONTHS_OF = {"month": 1, "quarter": 3}
_YEAR_MONTHS = 12
_WIDE = 1_000
COLOURS: Mapping[str, str] = {
    CampaignState.DRAFT: figures.GREY,
    CampaignState.SCHEDULED: figures.BLUE,
    CampaignState.PREHEAT: figures.AMBER,
    CampaignState.RUNNING: figures.GREEN,
    CampaignState.PAUSED: figures.RED,
    CampaignState.ENDED: figures.GREY,
    CampaignState.CANCELLED: figures.GREY,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A month or a quarter, and what lies beside it."""

    kind: str
    first: date
    before: date

    @property
    def start(self) -> datetime:
        """Return the instant at which it begins in China."""
        return beginning_of(self.first)

    @property
    def end(self) -> datetime:
        """Return the instant at which it is over."""
        return beginning_of(self.before)

    @property
    def title(self) -> str:
        """Return what it is called."""
        if self.kind == "month":
            return chosen(f"{self.first:%B %Y}", f"{self.first.year}年{self.first.month}月")
        quarter = (self.first.month + 2) // MONTHS_OF["quarter"]
        return chosen(f"Q{quarter} {self.first.year}", f"{self.first.year}年第{quarter}季度")

    def beside(self, steps: int) -> "Span":
        """Return the span so many steps later, or earlier."""
        return _span(self.kind, _month(self.first, steps * MONTHS_OF[self.kind]))

    def as_(self, kind: str) -> "Span":
        """Return the month or quarter in which it begins."""
        return span_of(kind, self.first)


def span_of(kind: str, day: date) -> Span:
    """Return the month or the quarter that a day lies in."""
    months = MONTHS_OF[kind]
    return _span(kind, _month(day.replace(day=1), -((day.month - 1) % months)))


def asked_for(query: Mapping[str, Any], now: datetime) -> Span:
    """Return the span that an address names; this quarter where it names none."""
    kind = str(query.get("span", "quarter"))
    try:
        day = date.fromisoformat(str(query.get("from", "")))
    except ValueError:
        day = local_day(now)
    # Beside it there must be room for a step either way.
    day = min(max(day, date(2000, 1, 1)), date(2199, 12, 31))
    return span_of(kind if kind in MONTHS_OF else "quarter", day)


def grid(span: Span, rows: Sequence[tuple[Any, str, str]]) -> SafeString:
    """Draw campaigns with their addresses and states as stretches over a span."""
    marks = format_html_join(
        "", '<rect class="console-fill-empty" x="{}" width="1" height="40"/>', _marks(span)
    )
    headings = (chosen("Campaign", "活动"), _scale(span), chosen("State", "状态"))
    return figures.table(
        headings,
        [
            (
                figures.link(address, chosen(row.name_en or row.name, row.name)),
                _stretches(span, row, state, marks),
                figures.badge(figures.label(CampaignState, state), COLOURS[state]),
            )
            for row, address, state in rows
        ],
    )


def _stretches(span: Span, row: Any, state: str, marks: SafeString) -> SafeString:
    caption = figures.window(row.starts_at, row.ends_at)
    announced = _stretch(span, row.preheats_at, row.starts_at, figures.AMBER)
    runs = _stretch(span, row.starts_at, row.ends_at, COLOURS[state])
    return format_html(
        '<div class="console-bar"><svg viewBox="0 0 1000 40" role="img" aria-label="{}"'
        ' preserveAspectRatio="none">{}{}{}</svg><p>{}</p></div>',
        caption,
        marks,
        announced,
        runs,
        caption,
    )


def _stretch(span: Span, start: datetime, end: datetime, colour: str) -> SafeString:
    first, last = _place(span, start), _place(span, end)
    if last <= first and not span.start <= start < span.end:
        return SafeString("")
    return format_html(
        '<rect class="console-fill-{}" x="{}" width="{}" height="40"/>',
        colour,
        first,
        max(last - first, 4),
    )


def _place(span: Span, instant: datetime) -> int:
    whole = span.end - span.start
    inside = min(max(instant - span.start, timedelta()), whole)
    return inside * _WIDE // whole


def _marks(span: Span) -> Iterator[tuple[int]]:
    day = span.first
    while day < span.before:
        yield (_place(span, beginning_of(day)),)
        day += timedelta(days=7 if span.kind == "quarter" else 1)


def _scale(span: Span) -> str:
    last = span.before - timedelta(days=1)
    return f"{span.first:%Y-%m-%d} – {last:%Y-%m-%d}"


def _span(kind: str, first: date) -> Span:
    return Span(kind, first, _month(first, MONTHS_OF[kind]))


def _month(first: date, steps: int) -> date:
    months = first.year * _YEAR_MONTHS + first.month - 1 + steps
    return date(months // _YEAR_MONTHS, months % _YEAR_MONTHS + 1, 1)
