"""Making sections, changing them, opening and closing them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from core.accounts.models import Organisation
from core.accounts.services import granting
from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance_one, log_birth
from core.errors import Busy, DomainError, InvalidInput
from core.outbox.recording import record
from core.transactions import entry, needs_transaction, refusing
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.states import ACTION_TO, SECTION, SectionState
from marketplace.sections.events import SectionChanged
from marketplace.sections.models import Section


class SlugTaken(DomainError):
    """There is a section of this name in addresses already."""

    code = "SLUG_TAKEN"
    zh = "该专区标识已被使用。"


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that the market makes a section with; its region is a subtree."""

    name: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class _Default:
    slug: str
    name: str
    name_en: str
    intro: str
    position: int
    regions: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()


DEFAULTS = (
    _Default(
        slug="hubei",
        name="湖北专区",
        name_en="Hubei section",
        intro="来自湖北各县的农产品。",
        position=10,
        regions=("420000",),
    ),
    _Default(
        slug="832",
        name="832 专区",
        name_en="832 section",
        intro="来自 832 个脱贫县的农产品。",
        position=20,
        programmes=("832",),
    ),
)


@needs_transaction
def create(
    *,
    actor: Actor,
    now: datetime,
    state: str = SectionState.DRAFT,
    kind: str = SectionKind.PLAIN,
    partner: Partner | None = None,
    **wanted: Any,
) -> Section:
    """Make a section, being prepared or open at once.

    Raises:
        InvalidInput: the kind asks for a partner or has none, or the window is not forward.
        SlugTaken: another section answers to the slug.
        IllegalTransition: nobody begins where `state` is.
    """
    _require_forward(wanted.get("opens_at"), wanted.get("closes_at"))
    body = _organisation(SectionKind(kind), partner, now)
    with refusing({"sections_section_slug_once": SlugTaken}):
        section = Section.objects.create(created_at=now, kind=kind, partner=body, **wanted)
    log_birth(SECTION, [section.pk], section.state, actor=actor, now=now)
    _put(section, state, actor=actor, now=now)
    return _told(section, now)


@needs_transaction
def edit(
    section: Section, *, actor: Actor, now: datetime, state: str | None = None, **changes: Any
) -> Section:
    """Change a section, open it or close it; its members follow at once.

    Raises:
        Busy: somebody else changed it a moment ago.
        SlugTaken: another section answers to the slug.
        IllegalTransition: it cannot get from where it stands to `state`.
    """
    _require_forward(
        changes.get("opens_at", section.opens_at), changes.get("closes_at", section.closes_at)
    )
    with refusing({"sections_section_slug_once": SlugTaken}):
        mine = Section.objects.filter(pk=section.pk, version=section.version)
        if not mine.update(version=F("version") + 1, **changes):
            raise Busy
    _put(section, state or section.state, actor=actor, now=now)
    return _told(section, now)


@entry
def open_defaults(now: datetime) -> list[str]:
    """Open the sections that every market begins with, where they are missing; return which."""
    there = set(Section.objects.values_list("slug", flat=True))
    opened = []
    for default in DEFAULTS:
        if default.slug not in there:
            create(
                actor=SYSTEM,
                now=now,
                state=SectionState.OPEN,
                slug=default.slug,
                name=default.name,
                name_en=default.name_en,
                intro=default.intro,
                position=default.position,
                regions=list(default.regions),
                programmes=list(default.programmes),
            )
            opened.append(default.slug)
    return opened


def _organisation(kind: SectionKind, partner: Partner | None, now: datetime) -> Organisation | None:
    if (kind == SectionKind.PLAIN) != (partner is None):
        raise InvalidInput.at(
            "/partner", "PARTNER_FITS_THE_KIND", "PLAIN has no partner, every other kind has one."
        )
    if partner is None:
        return None
    return granting.found_organisation(name=partner.name, region=partner.region, now=now)


def _put(section: Section, state: str, *, actor: Actor, now: datetime) -> None:
    if state == section.state:
        return
    stamps: dict[str, Any] = {"opened_at": now} if state == SectionState.OPEN else {}
    # Nothing leads back to being prepared: such a wish is no action that a section knows.
    action = ACTION_TO.get(SectionState(state), "prepare")
    rows = Section.objects.filter(pk=section.pk)
    advance_one(rows, SECTION, action, actor=actor, now=now, **stamps)


def _told(section: Section, now: datetime) -> Section:
    section.refresh_from_db()
    record(SectionChanged(section.pk, str(section.reference), section.version), now=now)
    return section


def _require_forward(opens_at: datetime | None, closes_at: datetime | None) -> None:
    if opens_at is not None and closes_at is not None and opens_at >= closes_at:
        raise InvalidInput.at("/closes_at", "WINDOW_NOT_FORWARD", "closes_at <= opens_at")
