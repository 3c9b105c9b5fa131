"""Which sections somebody may manage: those inside the regions of their role."""

from collections.abc import Iterable

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from core.errors import NotFound
from marketplace.sections.models import Section, SectionPin


def managed_by(user_id: int) -> QuerySet[Section]:
    """Return the sections somebody manages."""
    scope = roles.region_scope(user_id, Role.SECTION_MANAGER)
    if scope is None:
        return Section.objects.select_related("partner")
    # There are few sections, and their rules are lists: reading all of them is one statement.
    inside = [section.pk for section in Section.objects.all() if _is_inside(scope, section.regions)]
    return Section.objects.filter(pk__in=inside).select_related("partner")


def one_managed_by(user_id: int, slug: str) -> Section:
    """Return a section somebody manages.

    Raises:
        NotFound: there is none of that name, or it is not theirs to manage.
    """
    section = managed_by(user_id).filter(slug=slug).first()  # The slug is unique.
    if section is None:
        raise NotFound(subject="section")
    return section


def may_manage(user_id: int, regions: Iterable[str]) -> bool:
    """Tell whether somebody may make a section with goods from these regions."""
    scope = roles.region_scope(user_id, Role.SECTION_MANAGER)
    return scope is None or _is_inside(scope, regions)


def pins_of(section: Section) -> QuerySet[SectionPin]:
    """Return what is pinned to a section, in order."""
    return SectionPin.objects.filter(section=section).select_related("product")


def _is_inside(scope: list[str], regions: Iterable[str]) -> bool:
    wanted = list(regions)
    return bool(wanted) and all(roles.reaches(scope, region) for region in wanted)
