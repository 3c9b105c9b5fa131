"""The life of a full reduction. What is not written here cannot happen."""

from datetime import datetime

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class ReductionState(models.TextChoices):
    """Where a full reduction stands; whether it counts is judged by its window."""

    SCHEDULED = "SCHEDULED", "Scheduled|未开始"
    RUNNING = "RUNNING", "Running|进行中"
    ENDED = "ENDED", "Ended|已结束"


REDUCTION = Machine(
    "shop_reduction",
    {
        (ReductionState.SCHEDULED, "start"): ReductionState.RUNNING,
        (ReductionState.SCHEDULED, "end"): ReductionState.ENDED,
        (ReductionState.RUNNING, "end"): ReductionState.ENDED,
    },
)

# It counts while its window is open.
LIVE = (ReductionState.SCHEDULED, ReductionState.RUNNING)


def state_at(state: str, starts_at: datetime, ends_at: datetime, now: datetime) -> ReductionState:
    """Return where a reduction stands by the clock, even if the sweep is late."""
    if state == ReductionState.ENDED or ends_at <= now:
        return ReductionState.ENDED
    return ReductionState.RUNNING if starts_at <= now else ReductionState.SCHEDULED
