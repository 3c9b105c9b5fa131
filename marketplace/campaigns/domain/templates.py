"""Plans that campaigns begin from: what happens how long before, and how long it lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from marketplace.campaigns.domain.kinds import CampaignKind

WINDOWS = ("enrol_from", "enrol_until", "preheats_at", "starts_at", "ends_at")


class CampaignTemplate(models.TextChoices):
    """A plan by name."""

    PLAIN = "PLAIN", "Plain: three days|通用（三天）"
    SINGLES_DAY = "SINGLES_DAY", "Singles' Day|双十一"
    NEW_YEAR = "NEW_YEAR", "New Year's goods|年货节"
    HARVEST = "HARVEST", "Harvest festival|丰收节"
    AID = "AID", "Aid for a region|助农专场"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign is unless somebody says otherwise; days are counted from its start."""

    kind: CampaignKind
    name: str
    name_en: str
    intro: str
    intro_en: str
    lasts_days: int
    enrol_before_days: int
    closes_before_days: int
    preheat_before_days: int


PLANS: Mapping[str, Plan] = {
    CampaignTemplate.PLAIN: Plan(CampaignKind.DAILY, "", "", "", "", 3, 14, 2, 1),
    CampaignTemplate.SINGLES_DAY: Plan(
        CampaignKind.FESTIVAL,
        "双十一助农",
        "Singles' Day",
        "双十一，把家乡好物带回家。",
        "Good things from the counties, on Singles' Day.",
        *(1, 30, 7, 10),
    ),
    CampaignTemplate.NEW_YEAR: Plan(
        CampaignKind.FESTIVAL,
        "年货节",
        "New Year's goods",
        "产地直供的年货。",
        "For the New Year, straight from where it grows.",
        *(15, 40, 10, 7),
    ),
    CampaignTemplate.HARVEST: Plan(
        CampaignKind.SEASON,
        "丰收节",
        "Harvest festival",
        "新鲜采收，当季上市。",
        "Fresh from the harvest.",
        *(7, 21, 3, 3),
    ),
    CampaignTemplate.AID: Plan(
        CampaignKind.AID,
        "助农专场",
        "Aid for growers",
        "帮助产地打开销路。",
        "Help growers to sell what they have.",
        *(7, 7, 1, 1),
    ),
}


def windows_from(template: str, starts_at: datetime) -> dict[str, datetime]:
    """Return the windows of a plan for a campaign that starts at an instant."""
    plan = PLANS[template]
    return {
        "enrol_from": starts_at - timedelta(days=plan.enrol_before_days),
        "enrol_until": starts_at - timedelta(days=plan.closes_before_days),
        "preheats_at": starts_at - timedelta(days=plan.preheat_before_days),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(days=plan.lasts_days),
    }


def filled(template: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what somebody said, and what the plan says of what they left out."""
    plan = PLANS[template]
    planned = {
        "kind": plan.kind.value,
        **{name: getattr(plan, name) for name in ("name", "name_en", "intro", "intro_en")},
        **windows_from(template, given["starts_at"]),
    }
    return planned | {name: value for name, value in given.items() if value not in ("", None)}


def moved(windows: Mapping[str, datetime], starts_at: datetime) -> dict[str, datetime]:
    """Return windows as far apart as they are, for a campaign that starts at another instant."""
    by = starts_at - windows["starts_at"]
    return {name: windows[name] + by for name in WINDOWS}
