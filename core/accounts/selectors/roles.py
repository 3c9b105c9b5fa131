"""Who holds which role, and where."""

from django.db.models import QuerySet

from core.accounts.domain.roles import REGIONAL, Role
from core.accounts.models import RoleMembership, User


def has(user_id: int, role: Role) -> bool:
    """Tell whether somebody holds a role today, anywhere."""
    return _held(user_id).filter(role=role, user__is_active=True).exists()


def held_by(user_id: int) -> list[str]:
    """Return the roles somebody holds, in alphabetical order."""
    return sorted(set(_held(user_id).values_list("role", flat=True)))


def region_scope(user_id: int, role: Role) -> list[str] | None:
    """Return the regions below which somebody's role reaches; None is the whole country."""
    held = _held(user_id).filter(role=role)
    regions = set(held.values_list("organisation__region", flat=True))
    # No organisation, or one without a region, reaches everywhere.
    if regions & {None, ""}:
        return None
    return sorted(region for region in regions if region)


def organisations_of(user_id: int, role: Role) -> list[int]:
    """Return the keys of the organisations for which somebody holds a role."""
    held = _held(user_id).filter(role=role, organisation__isnull=False, user__is_active=True)
    return sorted(set(held.values_list("organisation_id", flat=True)))


def holders(organisation_id: int, role: Role) -> QuerySet[User]:
    """Return the people who hold a role for an organisation."""
    return User.objects.filter(
        role_memberships__role=role,
        role_memberships__organisation_id=organisation_id,
        role_memberships__ended_at__isnull=True,
    )


def prefix_of(region: str) -> str:
    """Return the digits that every code of a region's subtree begins with."""
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region


def reaches(scope: list[str] | None, region: str) -> bool:
    """Tell whether a region lies below one of a scope's."""
    return scope is None or any(region.startswith(prefix_of(top)) for top in scope)


def _held(user_id: int) -> QuerySet[RoleMembership]:
    """Return what somebody holds; a role that knows no regions is not held for one."""
    held = RoleMembership.objects.filter(user_id=user_id, ended_at__isnull=True)
    return held.exclude(
        organisation__region__gt="", role__in=[role for role in Role if role not in REGIONAL]
    )
