"""What a reviewer may see of shops in the console."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from shops.storefronts.models import Shop
from shops.storefronts.selectors import shops


def shops_for(user: Any) -> QuerySet[Shop]:
    """Return the shops in somebody's reach as a reviewer; a superuser reaches the whole country."""
    if user.is_superuser:
        return Shop.objects.all()
    if not roles.has(user.pk, Role.REVIEWER):
        return Shop.objects.none()
    return shops.in_scope(roles.region_scope(user.pk, Role.REVIEWER))
