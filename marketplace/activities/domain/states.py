"""The life of an activity. What is not written here cannot happen."""

from datetime import datetime

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class ActivityState(models.TextChoices):
    """Where an activity stands; what it sells at is judged by its window, never by a late sweep."""

    SCHEDULED = "SCHEDULED", "Scheduled|未开始"
    RUNNING = "RUNNING", "Running|进行中"
    ENDED = "ENDED", "Ended|已结束"


ACTIVITY = Machine(
    "activity",
    {
        (ActivityState.SCHEDULED, "start"): ActivityState.RUNNING,
        (ActivityState.SCHEDULED, "end"): ActivityState.ENDED,
        (ActivityState.RUNNING, "end"): ActivityState.ENDED,
    },
)

# Its price counts while its window is open.
LIVE = (ActivityState.SCHEDULED, ActivityState.RUNNING)


def state_at(state: str, starts_at: datetime, ends_at: datetime, now: datetime) -> ActivityState:
    """Return where an activity stands by the clock, even if the sweep is late."""
    if state == ActivityState.ENDED or ends_at <= now:
        return ActivityState.ENDED
    return ActivityState.RUNNING if starts_at <= now else ActivityState.SCHEDULED
