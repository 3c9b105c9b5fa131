"""Making campaigns, changing them, and moving them along their lives."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from core.accounts.models import Organisation
from core.accounts.services import granting
from core.audit.actors import Actor
from core.audit.advancing import advance_one, log_birth
from core.errors import Busy, DomainError, IllegalTransition, NotFound
from core.transactions import needs_transaction, refusing
from marketplace.activities.services import activities
from marketplace.campaigns.domain import drafts, templates
from marketplace.campaigns.domain.drafts import Windows, Wrong
from marketplace.campaigns.domain.states import CAMPAIGN, OVER, CampaignState
from marketplace.campaigns.domain.templates import WINDOWS
from marketplace.campaigns.models import Campaign
from marketplace.campaigns.services import enrolments, promoting, wrongs
from marketplace.coupons.models import CouponBudget
from marketplace.sections.models import Section

ACTIONS = ("schedule", "pause", "resume", "end", "cancel")
# What is told to whoever asks why a campaign stands still.
REASONED = ("pause", "end", "cancel")


class CampaignExists(DomainError):
    """There is a campaign of this name in addresses already."""

    code = "CAMPAIGN_EXISTS"
    zh = "该活动标识已被使用。"


_REFUSALS = {"campaigns_campaign_slug_once": CampaignExists}


@needs_transaction
def create(
    *,
    actor: Actor,
    now: datetime,
    section: str = "",
    budget: UUID | None = None,
    organisation: str = "",
    **wanted: Any,
) -> Campaign:
    """Make a campaign that is being prepared: nobody sees it yet.

    Raises:
        InvalidInput: with a fault for every rule that it breaks.
        CampaignExists: another campaign answers to the slug.
    """
    windows = Windows(**{name: wanted[name] for name in WINDOWS})
    linked, unknown = _linked({"section": section, "budget": budget})
    nameless = [] if wanted["name"].strip() else [Wrong("/name", "REQUIRED")]
    _insist([*drafts.wrongs_of(windows, now), *unknown, *nameless])
    with refusing(_REFUSALS):
        campaign = Campaign.objects.create(
            created_by_id=actor.user_id,
            created_at=now,
            organisation=_organisation(organisation, now),
            **wanted,
            **linked,
        )
    log_birth(CAMPAIGN, [campaign.pk], CampaignState.DRAFT, actor=actor, now=now)
    return campaign


@needs_transaction
def copy(
    source: Campaign, *, slug: str, name: str, starts_at: datetime, actor: Actor, now: datetime
) -> Campaign:
    """Make a campaign like another, all of its windows as far from its start; shops enrol anew.

    Raises:
        InvalidInput: its end would be past.
        CampaignExists: another campaign answers to the slug.
    """
    said = ("kind", "name_en", "intro", "intro_en")
    return create(
        actor=actor,
        now=now,
        section=source.section.slug if source.section else "",
        budget=source.budget.reference if source.budget else None,
        organisation=source.organisation.name if source.organisation else "",
        slug=slug,
        name=name or source.name,
        **{column: getattr(source, column) for column in said},
        **templates.moved({window: getattr(source, window) for window in WINDOWS}, starts_at),
    )


@needs_transaction
def edit(campaign: Campaign, *, now: datetime, **changes: Any) -> Campaign:
    """Change what a campaign says; its windows only while it is being prepared.

    Raises:
        InvalidInput: with a fault for every rule that it would break.
        IllegalTransition: it is over, or its windows are agreed.
        Busy: somebody else changed it a moment ago.
        CampaignExists: another campaign answers to the slug.
    """
    windows = Windows(**{name: changes.get(name, getattr(campaign, name)) for name in WINDOWS})
    is_moved = any(getattr(windows, name) != getattr(campaign, name) for name in WINDOWS)
    linked, unknown = _linked(
        {name: changes.pop(name) for name in ("section", "budget") if name in changes}
    )
    if "organisation" in changes:
        linked["organisation"] = _organisation(changes.pop("organisation"), now)
    _insist([*(drafts.wrongs_of(windows, now) if is_moved else ()), *unknown])
    rows = Campaign.objects.filter(pk=campaign.pk)
    fitting = rows.exclude(state__in=OVER)
    if is_moved or _breaks_word(campaign, changes | linked):
        fitting = rows.filter(state=CampaignState.DRAFT)
    with refusing(_REFUSALS):
        mine = fitting.filter(version=campaign.version)
        if not mine.update(version=F("version") + 1, **changes, **linked):
            _tell_why(rows, fitting)
    return rows.get()


@needs_transaction
def move(
    campaign: Campaign, action: str, *, actor: Actor, now: datetime, reason: str = ""
) -> Campaign:
    """Move a campaign along its life.

    Paused, its prices end, what was approved waits for a second approval, and the coupons of its
    budget are claimed no more; resumed, it goes on where the clock says. What is ended or cancelled
    never comes back.

    Raises:
        ReasonNeeded: nobody says why it is stopped.
        InvalidInput: it is to be scheduled, and its end is past.
        IllegalTransition: it does not stand where the action can start.
    """
    if action in REASONED and not reason.strip():
        raise wrongs.ReasonNeeded
    if action in ("schedule", "resume") and campaign.ends_at <= now:
        raise wrongs.refusal_of([Wrong("/ends_at", "WINDOW_OVER")])
    if action not in ACTIONS:
        raise IllegalTransition(subject=CAMPAIGN.subject, action=action)
    rows = Campaign.objects.filter(pk=campaign.pk)
    # The campaign first: whoever decides about its enrolments waits for this row.
    advance_one(
        rows,
        CAMPAIGN,
        action,
        actor=actor,
        now=now,
        reason=reason,
        version=F("version") + 1,
        **_STAMPS[action](now),
    )
    if action in REASONED:
        _stop(campaign, action, actor=actor, now=now, reason=reason)
    return rows.get()


def _stop(campaign: Campaign, action: str, *, actor: Actor, now: datetime, reason: str) -> None:
    if action == "pause":
        enrolments.suspend_all(campaign.pk, actor=actor, now=now, reason=reason)
    elif action == "cancel":
        enrolments.reject_all(campaign.pk, actor=actor, now=now, reason=reason)
    else:
        enrolments.lapse([campaign.pk], actor=actor, now=now, reason=reason)
    if action == "pause" and campaign.budget_id is not None:
        promoting.pause_batches(campaign.budget_id, actor=actor, now=now, reason=reason)
    activities.end_of_campaign(campaign.reference, actor=actor, now=now, reason=reason)


def _waits_for_its_preheat(now: datetime) -> dict[str, Any]:  # noqa: ARG001
    return {"next_attempt_at": F("preheats_at")}


def _waits_for_its_end(now: datetime) -> dict[str, Any]:  # noqa: ARG001
    return {"next_attempt_at": F("ends_at")}


def _is_over(now: datetime) -> dict[str, Any]:
    return {"next_attempt_at": None, "over_at": now}


_STAMPS: Mapping[str, Callable[[datetime], dict[str, Any]]] = {
    "schedule": _waits_for_its_preheat,
    "resume": _waits_for_its_preheat,
    "pause": _waits_for_its_end,
    "end": _is_over,
    "cancel": _is_over,
}


def _linked(wanted: Mapping[str, Any]) -> tuple[dict[str, Any], list[Wrong]]:
    """Return what a campaign is tied to by name, and which names nothing answers to."""
    found: dict[str, Any] = {}
    unknown = []
    for name, rows, key in (
        ("section", Section.objects.all(), "slug"),
        ("budget", CouponBudget.objects.all(), "reference"),
    ):
        if name not in wanted:
            continue
        called: Any = wanted[name]
        found[name] = rows.filter(**{key: called}).first() if called else None  # Unique.
        if called and found[name] is None:
            unknown.append(Wrong(f"/{name}", "UNKNOWN"))
    return found, unknown


def _organisation(name: str, now: datetime) -> Organisation | None:
    name = name.strip()
    if not name:
        return None
    # Whoever is known keeps the region that they have.
    known = Organisation.objects.filter(name=name).first()  # Unique.
    return known or granting.found_organisation(name=name, now=now)


def _insist(broken: list[Wrong]) -> None:
    if broken:
        raise wrongs.refusal_of(broken)


def _breaks_word(campaign: Campaign, changes: Mapping[str, Any]) -> bool:
    """Tell whether something else is said about what shops and visitors rely on."""
    return any(
        name in changes and changes[name] != getattr(campaign, name) for name in ("slug", "section")
    )


def _tell_why(rows: Any, fitting: Any) -> None:
    if not rows.exists():
        raise NotFound(subject="campaign")
    if not fitting.exists():
        raise IllegalTransition(subject=CAMPAIGN.subject, action="edit")
    raise Busy
