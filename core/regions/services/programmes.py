"""Programmes of provinces and counties: founded by their own people, with dated members."""

from datetime import date

from django.db.models import Q

from core.errors import DomainError, InvalidInput, NotFound
from core.regions import codes
from core.regions.models import Programme, ProgrammeMembership, Resolution
from core.regions.models.programme import Precision
from core.regions.selectors import divisions
from core.transactions import needs_transaction, refusing


class ProgrammeExists(DomainError):
    """There is a programme of this name in addresses already."""

    code = "PROGRAMME_EXISTS"
    zh = "该项目标识已被使用。"


class MemberAlready(DomainError):
    """This county belongs to the programme on some of these days already."""

    code = "MEMBER_ALREADY"
    zh = "该县在该时段内已在项目名单中。"


@needs_transaction
def found(*, slug: str, name_zh: str, name_en: str, source: str, region: str) -> Programme:
    """Found a programme of a region, without any county yet.

    Raises:
        ProgrammeExists: another programme answers to the slug.
    """
    with refusing({"regions_programme_slug_once": ProgrammeExists}):
        return Programme.objects.create(
            slug=slug, name_zh=name_zh, name_en=name_en, source=source, region=region
        )


@needs_transaction
def admit(
    programme: Programme,
    county: str,
    *,
    valid_from: date,
    valid_until: date | None,
    reason: str,
) -> ProgrammeMembership:
    """Let a county belong to a programme from a day on; what was sold before counts as before.

    Raises:
        InvalidInput: the county lies outside the programme's region.
        MemberAlready: it belongs to it on some of these days.
    """
    if not codes.is_within(county, programme.region):
        raise InvalidInput.at("/region", "OUTSIDE", f"It does not lie in {programme.region}.")
    with refusing({"regions_programmemembership_listed_once": MemberAlready}):
        return ProgrammeMembership.objects.create(
            programme=programme,
            region_code=county,
            valid_from=valid_from,
            valid_until=valid_until,
            precision=Precision.DAY,
            listed_code=county,
            listed_name=divisions.county(county).name,
            resolution=Resolution.SAME,
            reason=reason,
        )


@needs_transaction
def dismiss(programme: Programme, county: str, *, on: date) -> ProgrammeMembership:
    """End a county's membership: the day named is the first on which it does not count.

    Raises:
        NotFound: it does not belong to it on that day.
        InvalidInput: its membership began on that day.
    """
    later = Q(valid_until=None) | Q(valid_until__gt=on)
    held = ProgrammeMembership.objects.filter(
        later, programme=programme, region_code=county, valid_from__lte=on
    )
    member = held.select_for_update(of=("self",)).order_by("-valid_from", "-id").first()
    if member is None:
        raise NotFound(subject="membership")
    if member.valid_from == on:
        raise InvalidInput.at("/on", "WINDOW_NOT_FORWARD", "It began on that day.")
    held.filter(pk=member.pk).update(valid_until=on)
    member.refresh_from_db()
    return member
