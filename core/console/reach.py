"""Who may see what in the console: superusers everything, everybody else by their roles."""

from typing import Any

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles

_KEPT = "_console_roles"


def holds(user: Any, *wanted: Role) -> bool:
    """Tell whether somebody holds one of these roles; read once for each request."""
    if not (user.is_active and user.is_staff):
        return False
    if user.is_superuser:
        return True
    kept = vars(user)
    if _KEPT not in kept:
        kept[_KEPT] = frozenset(roles.held_by(user.pk))
    return bool(kept[_KEPT] & set(wanted))


def scope(user: Any, role: Role) -> list[str] | None:
    """Return the regions below which somebody reaches: None is the whole country, [] nowhere."""
    if user.is_active and user.is_superuser:
        return None
    return roles.region_scope(user.pk, role) if holds(user, role) else []
