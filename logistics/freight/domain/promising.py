"""By when a shop has promised to send, and what stops that clock (`domain.md` 2.7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# What is promised where no freight template says so.
PROMISE_HOURS = 48


@dataclass(frozen=True, slots=True)
class Window:
    """`[starts_at, ends_at)`; without an end it lasts until somebody says otherwise."""

    starts_at: datetime
    ends_at: datetime | None


def ship_deadline(start: datetime, promise_hours: int, holds: Iterable[Window]) -> datetime | None:
    """Return the first instant by which the promised hours have run outside every hold.

    None while a hold without an end keeps the clock from getting there.
    """
    clock, left = start, timedelta(hours=promise_hours)
    for hold in sorted(holds, key=lambda hold: hold.starts_at):
        if hold.ends_at is not None and hold.ends_at <= max(clock, hold.starts_at):
            continue
        runs = max(hold.starts_at - clock, timedelta())
        if runs >= left:
            break
        if hold.ends_at is None:
            return None
        clock, left = hold.ends_at, left - runs
    return clock + left
