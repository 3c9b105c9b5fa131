"""The lives of a campaign and of an enrolment. What is not written here cannot happen."""

from datetime import datetime

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class CampaignState(models.TextChoices):
    """Where a campaign stands; what it shows and sells is judged by its windows."""

    DRAFT = "DRAFT", "Being prepared|准备中"
    SCHEDULED = "SCHEDULED", "Scheduled|已排期"
    PREHEAT = "PREHEAT", "Announced|预热中"
    RUNNING = "RUNNING", "Running|进行中"
    PAUSED = "PAUSED", "Paused|已暂停"
    ENDED = "ENDED", "Ended|已结束"
    CANCELLED = "CANCELLED", "Cancelled|已取消"


class Decision(models.TextChoices):
    """What staff say to an enrolment."""

    APPROVE = "APPROVE", "Approve|通过"
    REJECT = "REJECT", "Reject|驳回"


@offered
class EnrolmentState(models.TextChoices):
    """Where an enrolment stands."""

    SUBMITTED = "SUBMITTED", "Submitted|待审核"
    APPROVED = "APPROVED", "Approved|已通过"
    REJECTED = "REJECTED", "Rejected|已驳回"
    WITHDRAWN = "WITHDRAWN", "Withdrawn|已撤回"


CAMPAIGN = Machine(
    "campaign",
    {
        (CampaignState.DRAFT, "schedule"): CampaignState.SCHEDULED,
        (CampaignState.SCHEDULED, "preheat"): CampaignState.PREHEAT,
        (CampaignState.SCHEDULED, "start"): CampaignState.RUNNING,
        (CampaignState.PREHEAT, "start"): CampaignState.RUNNING,
        (CampaignState.SCHEDULED, "pause"): CampaignState.PAUSED,
        (CampaignState.PREHEAT, "pause"): CampaignState.PAUSED,
        (CampaignState.RUNNING, "pause"): CampaignState.PAUSED,
        (CampaignState.PAUSED, "resume"): CampaignState.SCHEDULED,
        (CampaignState.SCHEDULED, "end"): CampaignState.ENDED,
        (CampaignState.PREHEAT, "end"): CampaignState.ENDED,
        (CampaignState.RUNNING, "end"): CampaignState.ENDED,
        (CampaignState.PAUSED, "end"): CampaignState.ENDED,
        (CampaignState.DRAFT, "cancel"): CampaignState.CANCELLED,
        (CampaignState.SCHEDULED, "cancel"): CampaignState.CANCELLED,
        (CampaignState.PREHEAT, "cancel"): CampaignState.CANCELLED,
        (CampaignState.RUNNING, "cancel"): CampaignState.CANCELLED,
        (CampaignState.PAUSED, "cancel"): CampaignState.CANCELLED,
    },
)

ENROLMENT = Machine(
    "enrolment",
    {
        (EnrolmentState.SUBMITTED, "approve"): EnrolmentState.APPROVED,
        (EnrolmentState.SUBMITTED, "reject"): EnrolmentState.REJECTED,
        (EnrolmentState.SUBMITTED, "withdraw"): EnrolmentState.WITHDRAWN,
        (EnrolmentState.APPROVED, "revoke"): EnrolmentState.REJECTED,
        # Its campaign is paused: somebody approves it anew, or nobody does.
        (EnrolmentState.APPROVED, "suspend"): EnrolmentState.SUBMITTED,
    },
)

# It takes enrolments and sells, inside its windows.
LIVE = (CampaignState.SCHEDULED, CampaignState.PREHEAT, CampaignState.RUNNING)
# The clock still has something to do about it.
WAITING = (*LIVE, CampaignState.PAUSED)
OVER = (CampaignState.ENDED, CampaignState.CANCELLED)
# What anybody may look at.
PUBLIC = (*LIVE, CampaignState.ENDED)
# An enrolment that something may still become of, or has.
OPEN = (EnrolmentState.SUBMITTED, EnrolmentState.APPROVED)


def state_at(
    state: str, *, preheats_at: datetime, starts_at: datetime, ends_at: datetime, now: datetime
) -> CampaignState:
    """Return where a campaign stands by the clock, even if the sweep is late."""
    if state in WAITING and ends_at <= now:
        return CampaignState.ENDED
    if state not in LIVE:
        return CampaignState(state)
    if starts_at <= now:
        return CampaignState.RUNNING
    return CampaignState.PREHEAT if preheats_at <= now else CampaignState.SCHEDULED
