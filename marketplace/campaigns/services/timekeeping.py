"""Announcing, starting and ending campaigns at their instants; no price ever waits for it."""

from datetime import datetime

from django.db.models import F

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.transactions import entry
from marketplace.campaigns.domain.states import CAMPAIGN, LIVE, WAITING, CampaignState
from marketplace.campaigns.models import Campaign
from marketplace.campaigns.services import enrolments

AT_ONCE_MAX = 1_000
# What the shops of a campaign read that nobody decided about in time.
OVER_UNDECIDED = "campaign ended 活动已结束"


@entry
def keep_time(*, now: datetime, limit: int = AT_ONCE_MAX) -> int:
    """Announce, start and end what is due; return how many campaigns moved.

    One that somebody is changing at this moment is left for the next round.
    """
    due = Campaign.objects.filter(next_attempt_at__lte=now, state__in=WAITING)
    locked = list(
        due.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .order_by("next_attempt_at", "pk")
        .values_list("pk", flat=True)[:limit]
    )
    rows = Campaign.objects.filter(pk__in=locked)
    version = F("version") + 1
    ended = advance(
        rows.filter(ends_at__lte=now),
        CAMPAIGN,
        "end",
        actor=SYSTEM,
        now=now,
        next_attempt_at=None,
        over_at=now,
        version=version,
    )
    enrolments.lapse(ended, actor=SYSTEM, now=now, reason=OVER_UNDECIDED)
    living = rows.filter(ends_at__gt=now, state__in=LIVE)
    started = advance(
        living.filter(starts_at__lte=now),
        CAMPAIGN,
        "start",
        actor=SYSTEM,
        now=now,
        next_attempt_at=F("ends_at"),
        version=version,
    )
    announced = advance(
        living.filter(starts_at__gt=now, state=CampaignState.SCHEDULED),
        CAMPAIGN,
        "preheat",
        actor=SYSTEM,
        now=now,
        next_attempt_at=F("starts_at"),
        version=version,
    )
    return len(ended) + len(started) + len(announced)
