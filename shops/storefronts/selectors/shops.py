"""Shops as others see them."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from core.accounts.selectors import roles
from core.errors import NotFound
from shops.storefronts.domain.states import ShopState
from shops.storefronts.models import Shop, ShopMember


def by_ids(ids: Collection[int]) -> dict[int, Shop]:
    """Return shops by key, whatever their state, in one statement."""
    return Shop.objects.in_bulk(list(ids)) if ids else {}


def public(name: str) -> Shop:
    """Return an open shop by its slug or its id.

    Raises:
        NotFound: no open shop answers to it.
    """
    chosen = Q(slug=name)
    reference = _reference(name)
    if reference is not None:
        chosen |= Q(reference=reference)
    try:
        return Shop.objects.get(chosen, state=ShopState.OPEN)
    except Shop.DoesNotExist:
        raise NotFound(subject="shop") from None


def of_member(user_id: int) -> QuerySet[Shop]:
    """Return the shops somebody works in."""
    return Shop.objects.filter(members__user_id=user_id)


def in_scope(scope: list[str] | None, state: str | None = None) -> QuerySet[Shop]:
    """Return the shops of some regions, None being all; what a reviewer may see."""
    chosen = Shop.objects.all()
    if scope is not None:
        below = Q(pk__in=[])
        for region in scope:
            below |= Q(region__startswith=roles.prefix_of(region))
        chosen = chosen.filter(below)
    return chosen.filter(state=state) if state else chosen


def one_in_scope(scope: list[str] | None, reference: UUID) -> Shop:
    """Return a shop of some regions.

    Raises:
        NotFound: there is none, or it lies elsewhere.
    """
    try:
        return in_scope(scope).get(reference=reference)
    except Shop.DoesNotExist:
        raise NotFound(subject="shop") from None


def members_of(shop_id: int) -> QuerySet[ShopMember]:
    """Return the people of a shop, the longest there first."""
    members = ShopMember.objects.filter(shop_id=shop_id).select_related("user")
    return members.order_by("joined_at", "id")


def _reference(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
