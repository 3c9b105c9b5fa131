"""Which roles a view asks for."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from core.accounts.domain.roles import Role
from core.accounts.models import User
from core.accounts.selectors import roles

__all__ = ["Role", "RoleNeeded"]


def RoleNeeded(role: Role) -> type[BasePermission]:  # noqa: N802 - reads as the class it returns.
    """Return the permission that only holders of a platform role have."""

    class Holder(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
            return isinstance(request.user, User) and roles.has(request.user.pk, role)

    Holder.__name__ = Holder.__qualname__ = f"Holder_{role.value}"
    return Holder
