"""Roles, organisations and mandates: letting people do things."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from core.accounts.domain.roles import REGIONAL, Role, Scope
from core.accounts.models import Mandate, Organisation, RoleMembership
from core.errors import InvalidInput
from core.transactions import needs_transaction

MANDATE_MAX = timedelta(days=366)


@needs_transaction
def found_organisation(*, name: str, region: str = "", now: datetime) -> Organisation:
    """Return the organisation of a name, a new one where there was none.

    Raises:
        InvalidInput: there is one of this name for another region.
    """
    Organisation.objects.bulk_create(
        [Organisation(name=name, region=region, created_at=now)], ignore_conflicts=True
    )
    found = Organisation.objects.get(name=name)
    if found.region != region:
        raise InvalidInput.at(
            "/region", "ORGANISATION_ELSEWHERE", "An organisation of this name has another region."
        )
    return found


@needs_transaction
def grant_role(
    user_id: int, role: Role, *, organisation_id: int | None = None, now: datetime
) -> None:
    """Give somebody a role; holding it already changes nothing.

    Raises:
        InvalidInput: the organisation has a region, and the role is for the whole country.
    """
    regional = Organisation.objects.filter(pk__in=[organisation_id or 0], region__gt="")
    if role not in REGIONAL and regional.exists():
        raise InvalidInput.at("/organisation", "REGION", "This role is for the whole country.")
    RoleMembership.objects.bulk_create(
        [
            RoleMembership(
                user_id=user_id, role=role, organisation_id=organisation_id, granted_at=now
            )
        ],
        ignore_conflicts=True,
    )


@needs_transaction
def end_role(user_id: int, role: Role, *, now: datetime) -> int:
    """Take a role from somebody, wherever it reached; return how many memberships ended."""
    return RoleMembership.objects.filter(user_id=user_id, role=role, ended_at__isnull=True).update(
        ended_at=now
    )


@needs_transaction
def end_role_in(user_reference: UUID, role: Role, *, organisation_id: int, now: datetime) -> int:
    """Take a role for one organisation from somebody; return how many memberships ended."""
    held = RoleMembership.objects.filter(
        user__reference=user_reference, role=role, organisation_id=organisation_id
    )
    return held.filter(ended_at__isnull=True).update(ended_at=now)


@needs_transaction
def give_mandate(
    *,
    principal_id: int,
    agent_id: int,
    scopes: Sequence[Scope],
    valid_from: datetime,
    valid_until: datetime,
) -> Mandate:
    """Let an agent act for a principal.

    Raises:
        InvalidInput: to oneself, for nothing, backwards in time or for more than a year.
    """
    if principal_id == agent_id or not scopes:
        raise InvalidInput.at("/agent", "MANDATE", "A mandate is for another, in some scope.")
    if not valid_from < valid_until <= valid_from + MANDATE_MAX:
        raise InvalidInput.at("/valid_until", "WINDOW", "A mandate lasts at most one year.")
    return Mandate.objects.create(
        principal_id=principal_id,
        agent_id=agent_id,
        scopes=[Scope(scope).value for scope in scopes],
        valid_from=valid_from,
        valid_until=valid_until,
    )


@needs_transaction
def revoke_mandate(mandate_id: int, *, now: datetime) -> bool:
    """End a mandate; return whether it was still in force."""
    open_one = Mandate.objects.filter(pk=mandate_id, revoked_at__isnull=True)
    return open_one.update(revoked_at=now) == 1
