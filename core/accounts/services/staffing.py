"""Letting the platform's own people into the console."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from core.accounts.domain.roles import Role
from core.accounts.models import User
from core.accounts.services import granting
from core.errors import Fault, InvalidInput
from core.regions.selectors import divisions
from core.transactions import needs_transaction


@needs_transaction
def admit(
    name: str,
    password: str,
    *,
    roles: Sequence[Role],
    region: str = "",
    organisation: str = "",
    now: datetime,
) -> User:
    """Let somebody enter the console under a name, with roles that reach a region's subtree.

    Without a region the roles reach the whole country; where no organisation is named they are held
    for the region itself. Whoever has the name already keeps their
    roles, receives the new ones, and enters by the new password from now on.

    Raises:
        InvalidInput: the password is too weak, or the organisation has another region.
        UnknownRegion, RetiredRegion: no present region has this code.
    """
    organisation_id = _organisation(region, organisation, now)
    known = User.objects.filter(username=name).first()  # The name is unique.
    user = known or User(username=name, name=name, joined_at=now)
    _require_strong(password, user)
    user.is_staff = user.is_active = True
    user.password = make_password(password)
    user.save()
    for role in roles:
        granting.grant_role(user.pk, role, organisation_id=organisation_id, now=now)
    return user


def _organisation(region: str, name: str, now: datetime) -> int | None:
    if region:
        facts = divisions.region(region)
        name = name or facts.full_name
    if not name:
        return None
    return granting.found_organisation(name=name, region=region, now=now).pk


def _require_strong(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise InvalidInput(
            [Fault("/password", "TOO_WEAK", sentence) for sentence in weak.messages]
        ) from weak
