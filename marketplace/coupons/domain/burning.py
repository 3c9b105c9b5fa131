"""How fast a budget goes, and when somebody should look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from core.http.enums import offered


@offered
class AlertKind(models.TextChoices):
    """Why somebody should look at a budget."""

    HALF = "HALF", "Half of it is committed|已使用 50%"
    MOST = "MOST", "80 % of it is committed|已使用 80%"
    NEARLY_ALL = "NEARLY_ALL", "95 % of it is committed|已使用 95%"
    ALL = "ALL", "All of it is committed|已全部使用"
    ENDS_EARLY = "ENDS_EARLY", "It will end before the claims do|预计提前用完"


# Parts of a hundred, set aside or spent.
LEVELS = {
    AlertKind.HALF: 50,
    AlertKind.MOST: 80,
    AlertKind.NEARLY_ALL: 95,
    AlertKind.ALL: 100,
}
# A rate of less than this is one busy minute.
LOOKED_BACK_LEAST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Burn:
    """What of a budget is committed, what was at an earlier instant, and until when it is needed.

    Committed is what claims can no longer take: set aside or spent.
    """

    total_fen: int
    committed_fen: int
    earlier_fen: int | None
    earlier_at: datetime | None
    needed_until: datetime | None

    @property
    def left_fen(self) -> int:
        """Return what claims can still take."""
        return self.total_fen - self.committed_fen


def ends_at(burn: Burn, now: datetime) -> datetime | None:
    """Return when a budget will be gone at the rate since the earlier instant; None is never.

    A rate is told only over half an hour and more.
    """
    if burn.earlier_at is None or burn.earlier_fen is None:
        return None
    elapsed = now - burn.earlier_at
    burnt_fen = burn.committed_fen - burn.earlier_fen
    if elapsed < LOOKED_BACK_LEAST or burnt_fen <= 0:
        return None
    seconds = int(elapsed.total_seconds()) * burn.left_fen // burnt_fen
    # What would last for longer than anybody plans never ends.
    return now + timedelta(seconds=seconds) if seconds < 10**9 else None


def alerts_of(burn: Burn, now: datetime) -> Iterator[AlertKind]:
    """Yield why somebody should look at a budget now."""
    for kind, hundredths in LEVELS.items():
        if burn.committed_fen * 100 >= burn.total_fen * hundredths:
            yield kind
    ends, needed = ends_at(burn, now), burn.needed_until
    if ends is None or needed is None or burn.left_fen <= 0:
        return
    if needed > now and ends < needed:
        yield AlertKind.ENDS_EARLY
