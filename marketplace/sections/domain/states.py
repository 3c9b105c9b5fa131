"""The life of a section; what is not written here cannot happen."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class SectionState(models.TextChoices):
    """Where a section stands."""

    DRAFT = "DRAFT", "Being prepared|准备中"
    SCHEDULED = "SCHEDULED", "Opens by itself|待开放"
    OPEN = "OPEN", "Open|开放中"
    CLOSED = "CLOSED", "Closed|已关闭"


SECTION = Machine(
    subject="section",
    transitions={
        (SectionState.DRAFT, "open"): SectionState.OPEN,
        (SectionState.CLOSED, "open"): SectionState.OPEN,
        (SectionState.DRAFT, "schedule"): SectionState.SCHEDULED,
        (SectionState.CLOSED, "schedule"): SectionState.SCHEDULED,
        (SectionState.SCHEDULED, "open"): SectionState.OPEN,
        (SectionState.SCHEDULED, "close"): SectionState.CLOSED,
        (SectionState.OPEN, "close"): SectionState.CLOSED,
    },
)

# What somebody does who wants a section to stand there.
ACTION_TO = {
    SectionState.SCHEDULED: "schedule",
    SectionState.OPEN: "open",
    SectionState.CLOSED: "close",
}
# Where a section can be visited as soon as its window says so, however late the sweep is.
VISITED = (SectionState.SCHEDULED, SectionState.OPEN)
