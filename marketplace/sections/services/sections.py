"""Making sections, changing them, opening and closing them."""

from collections.abc import Sequence
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
from core.regions.selectors import divisions
from core.transactions import entry, needs_transaction, refusing
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.states import ACTION_TO, SECTION, SectionState
from marketplace.sections.events import SectionChanged
from marketplace.sections.models import ExternalListing, Section


class SlugTaken(DomainError):
    """There is a section of this name in addresses already."""

    code = "SLUG_TAKEN"
    zh = "该专区标识已被使用。"


class HallExists(DomainError):
    """This county has its hall already."""

    code = "HALL_EXISTS"
    zh = "该县已有特色馆。"


class HallOfOneCounty(DomainError):
    """A hall holds its county's goods and no others; only halls have a story, a mark, listings."""

    code = "HALL_OF_ONE_COUNTY"
    zh = "特色馆只陈列本县商品；只有特色馆可填写故事、地理标志和外部链接。"
    status = 422


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that the market makes a section with; its region is a subtree."""

    name: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Where else a hall can be visited."""

    platform: str
    url: str


@dataclass(frozen=True, slots=True)
class _Default:
    slug: str
    name: str
    name_en: str
    intro: str
    position: int
    regions: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()


_REFUSALS = {
    "sections_section_slug_once": SlugTaken,
    "sections_section_one_hall_per_county": HallExists,
    "sections_section_hall_is_of_one_county": HallOfOneCounty,
}

# When a section is there to be visited.
WINDOW = ("opens_at", "closes_at")

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
    listings: Sequence[Listing] = (),
    **wanted: Any,
) -> Section:
    """Make a section, being prepared or open at once.

    Raises:
        InvalidInput: the kind asks for a partner or has none, or the window is not forward.
        HallExists, HallOfOneCounty: it is a hall, or has what only halls have.
        SlugTaken: another section answers to the slug.
        IllegalTransition: nobody begins where `state` is.
    """
    _require_forward(wanted.get("opens_at"), wanted.get("closes_at"))
    body = _organisation(SectionKind(kind), partner, now)
    if kind == SectionKind.HALL and partner is not None:
        wanted |= _of_county(partner.region, wanted.get("regions"))
    with refusing(_REFUSALS):
        section = Section.objects.create(created_at=now, kind=kind, partner=body, **wanted)
    _list_elsewhere(section, listings)
    log_birth(SECTION, [section.pk], section.state, actor=actor, now=now)
    _put(section, _standing(state, section.opens_at, now), actor=actor, now=now)
    return _told(section, now)


@needs_transaction
def edit(
    section: Section,
    *,
    actor: Actor,
    now: datetime,
    state: str | None = None,
    listings: Sequence[Listing] | None = None,
    **changes: Any,
) -> Section:
    """Change a section, open it or close it; its members follow at once.

    Raises:
        Busy: somebody else changed it a moment ago.
        InvalidInput: the window is not forward, or it is to wait for an opening without an instant.
        HallOfOneCounty: a hall is to hold other goods, or it is none and has what halls have.
        SlugTaken: another section answers to the slug.
        IllegalTransition: it cannot get from where it stands to `state`.
    """
    _require_forward(
        changes.get("opens_at", section.opens_at), changes.get("closes_at", section.closes_at)
    )
    opens_at = changes.get("opens_at", section.opens_at)
    afterwards: dict[str, Any] = {}
    if section.state == SectionState.SCHEDULED and opens_at is None:
        # What waits for its instant has it until it waits no more.
        _standing(state or section.state, opens_at, now)
        afterwards = {name: changes.pop(name) for name in WINDOW if name in changes}
    with refusing(_REFUSALS):
        mine = Section.objects.filter(pk=section.pk, version=section.version)
        if not mine.update(version=F("version") + 1, **changes):
            raise Busy
    if listings is not None:
        ExternalListing.objects.filter(section=section).delete()
        _list_elsewhere(section, listings)
    if state is not None:
        _put(section, _standing(state, opens_at, now), actor=actor, now=now)
    if afterwards:
        Section.objects.filter(pk=section.pk).update(**afterwards)
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


def _of_county(region: str, regions: Sequence[str] | None) -> dict[str, Any]:
    try:
        county = divisions.county(region).code
    except (divisions.UnknownRegion, divisions.RetiredRegion) as refusal:
        raise InvalidInput.at(
            "/partner/region", refusal.code, "A hall is of a county."
        ) from refusal
    if regions and list(regions) != [county]:
        raise HallOfOneCounty(county=county)
    return {"county": county, "regions": [county]}


def _list_elsewhere(section: Section, listings: Sequence[Listing]) -> None:
    if listings and section.kind != SectionKind.HALL:
        raise HallOfOneCounty
    ExternalListing.objects.bulk_create(
        ExternalListing(section=section, platform=one.platform, url=one.url, position=position)
        for position, one in enumerate(listings)
    )


def _standing(state: str, opens_at: datetime | None, now: datetime) -> str:
    """Return where a section stands that is to be open: what opens later is scheduled."""
    if state == SectionState.OPEN and opens_at is not None and opens_at > now:
        return SectionState.SCHEDULED
    if state == SectionState.SCHEDULED and opens_at is None:
        raise InvalidInput.at("/opens_at", "REQUIRED", "When does it open?")
    return state


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
