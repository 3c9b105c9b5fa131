"""Items of co-branded sections, for the partner, the platform and the seller."""

from uuid import UUID

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from core.errors import NotFound
from marketplace.sections.models import Section, SectionItem


def partnered_by(user_id: int) -> QuerySet[Section]:
    """Return the sections of the partners somebody works for."""
    bodies = roles.organisations_of(user_id, Role.PARTNER)
    return Section.objects.filter(partner_id__in=bodies).select_related("partner")


def one_partnered_by(user_id: int, slug: str) -> Section:
    """Return a section of a partner somebody works for.

    Raises:
        NotFound: there is none of that name, or it is another partner's.
    """
    section = partnered_by(user_id).filter(slug=slug).first()  # The slug is unique.
    if section is None:
        raise NotFound(subject="section")
    return section


def items_of(section: Section, state: str = "") -> QuerySet[SectionItem]:
    """Return the items of a section, in every state or in one, ready to be shown."""
    rows = shown().filter(section=section)
    return rows.filter(state=state) if state else rows


def item_of(section: Section, reference: UUID) -> SectionItem:
    """Return one item of a section.

    Raises:
        NotFound: it is none of this section.
    """
    found = items_of(section).filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="section item")
    return found


def items_with(product_id: int) -> QuerySet[SectionItem]:
    """Return where a product was proposed."""
    return shown().filter(product_id=product_id)


def shown() -> QuerySet[SectionItem]:
    """Return all items, ready to be shown."""
    return SectionItem.objects.select_related(
        "section", "product__shop", "proposed_by", "partner_by", "platform_by"
    )
