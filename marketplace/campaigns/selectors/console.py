"""Campaigns and enrolments as the office sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.console import reach
from marketplace.campaigns.domain.states import CampaignState
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.selectors import calendar, enrolled
from marketplace.coupons.models import CouponBatch, CouponBudget
from marketplace.sections.selectors import console as sections

SHOWN_MAX, OFFERED_MAX = 300, 300


def campaigns_for(user: Any) -> QuerySet[Campaign]:
    """Return all campaigns for who runs them; for who runs sections, those of their sections."""
    if reach.holds(user, Role.CAMPAIGN_MANAGER):
        return calendar.every()
    mine = sections.sections_for(user).order_by().values("pk")
    rows = calendar.every().filter(section__in=mine)
    return rows if reach.holds(user, Role.SECTION_MANAGER) else rows.none()


def enrolments_for(user: Any) -> QuerySet[Enrolment]:
    """Return what shops offer to campaigns, for who runs them: all of it, or nothing."""
    rows = enrolled.every()
    return rows if reach.holds(user, Role.CAMPAIGN_MANAGER) else rows.none()


def calendar_for(user: Any, start: datetime, end: datetime) -> Sequence[Any]:
    """Return the campaigns in somebody's reach that run inside a window, in their order."""
    rows = calendar.within(campaigns_for(user), start=start, end=end)
    held = rows.exclude(state=CampaignState.CANCELLED)
    return list(held.order_by("starts_at", "id")[:SHOWN_MAX])


def enrolled_in(campaign: Campaign) -> Sequence[Enrolment]:
    """Return what shops offer to a campaign, what waits coming first."""
    rows = enrolled.of_campaign(campaign.pk).order_by("decided_at", "-id")
    return list(rows[:OFFERED_MAX])


def batches_of(campaign: Campaign) -> Sequence[CouponBatch]:
    """Return the batches that the budget of a campaign pays for, the newest first."""
    if campaign.budget_id is None:
        return ()
    rows = CouponBatch.objects.filter(funding__budget=campaign.budget_id)
    return list(rows.order_by("-id")[:OFFERED_MAX])


def budget_names() -> list[tuple[str, str]]:
    """Return the newest budgets: reference and name."""
    rows = CouponBudget.objects.order_by("-opened_at", "-id")[:OFFERED_MAX]
    return [(str(one.reference), one.name) for one in rows]
