"""People for tests: made by the services that make them in life."""

import itertools
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.accounts.models import Address, Organisation, User
from core.accounts.services import granting, living, people, sessions
from marketplace.sections.models import Section

_NUMBERS = itertools.count(1)
JOINED = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def a_phone() -> str:
    """Return a phone that no other test person has."""
    return f"+86137{next(_NUMBERS):08d}"


def a_user(phone: str | None = None) -> User:
    """Return somebody who has signed in before."""
    with transaction.atomic():
        return people.register(phone or a_phone(), JOINED)


def a_staff(role: Role, region: str = "") -> User:
    """Return somebody with a platform role, for one region where one is named."""
    user = a_user()
    with transaction.atomic():
        organisation = (
            granting.found_organisation(name=f"Bureau {region}", region=region, now=JOINED)
            if region
            else None
        )
        granting.grant_role(
            user.pk,
            role,
            organisation_id=organisation.pk if organisation else None,
            now=JOINED,
        )
    return user


def bearer(user: User) -> dict[str, str]:
    """Return the header of a request by a signed-in user, for the test client's `**extra`."""
    with transaction.atomic():
        tokens = sessions.open_for(user, now=timezone.now())
    return {"HTTP_AUTHORIZATION": f"Bearer {tokens.access}"}


def an_address(user: User, region: str = "310101") -> Address:
    """Return a place a user can have parcels sent to."""
    with transaction.atomic():
        return living.add_address(
            user.pk,
            recipient="王小明",
            phone="13812345678",
            region=region,
            street="人民路1号2单元301室",
            now=JOINED,
        )


def a_partner(section: Section) -> User:
    """Return somebody who reviews for the partner of a section."""
    user = a_user()
    with transaction.atomic():
        granting.grant_role(user.pk, Role.PARTNER, organisation_id=section.partner_id, now=JOINED)
    return user


def an_officer(organisation_id: int) -> User:
    """Return somebody who looks after the money of an organisation."""
    user = a_user()
    with transaction.atomic():
        granting.grant_role(user.pk, Role.FUNDER, organisation_id=organisation_id, now=JOINED)
    return user


def an_organisation(name: str, region: str = "") -> Organisation:
    """Return an organisation."""
    with transaction.atomic():
        return granting.found_organisation(name=name, region=region, now=JOINED)
