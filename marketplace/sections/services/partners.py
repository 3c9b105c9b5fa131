"""Who speaks for the partner of a section."""

from datetime import datetime
from uuid import UUID

from core.accounts import phones
from core.accounts.domain.roles import Role
from core.accounts.services import granting, people
from core.errors import NotFound
from core.transactions import needs_transaction
from marketplace.sections.models import Section
from marketplace.sections.services.items import NotCoBranded


@needs_transaction
def admit(section: Section, phone: str, *, now: datetime) -> int:
    """Let somebody review for the section's partner, and return their key.

    They need not have signed in before.

    Raises:
        InvalidInput: the phone is not a mainland mobile number.
        NotCoBranded: the section has no partner.
    """
    if section.partner_id is None:
        raise NotCoBranded(section=section.slug)
    person = people.register(phones.normalised(phone), now)
    granting.grant_role(person.pk, Role.PARTNER, organisation_id=section.partner_id, now=now)
    return person.pk


@needs_transaction
def dismiss(section: Section, person: UUID, *, now: datetime) -> None:
    """End somebody's work for the section's partner.

    Raises:
        NotFound: they do not work for it.
    """
    ended = granting.end_role_in(
        person, Role.PARTNER, organisation_id=section.partner_id or 0, now=now
    )
    if not ended:
        raise NotFound(subject="partner's reviewer")
