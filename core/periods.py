"""Half-open windows `[start, end)`; an open end is None."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def holds(start: datetime | None, end: datetime | None, now: datetime) -> bool:
    """Tell whether an instant lies in a half-open window."""
    return (start is None or start <= now) and (end is None or now < end)


def local_day(instant: datetime) -> date:
    """Return the day on which something happened, as people in China date it."""
    return instant.astimezone(SHANGHAI).date()


def beginning_of(day: date) -> datetime:
    """Return the instant at which a day begins in China."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
