"""Who may touch a shop."""

from uuid import UUID

from core.errors import DomainError, Forbidden, NotFound
from shops.storefronts.domain.licensing import MemberRole
from shops.storefronts.domain.states import ShopState
from shops.storefronts.models import Shop


class ShopNotOpen(DomainError):
    """The shop is not open."""

    code = "SHOP_NOT_OPEN"
    zh = "店铺未在营业中。"


def shop_of_member(user_id: int, shop_reference: UUID | str) -> Shop:
    """Return a shop somebody works in, in one statement.

    Raises:
        NotFound: there is no such shop, or they do not work in it.
    """
    try:
        return Shop.objects.get(reference=shop_reference, members__user_id=user_id)
    except Shop.DoesNotExist:
        raise NotFound(subject="shop") from None


def shop_of_owner(user_id: int, shop_reference: UUID | str) -> Shop:
    """Return a shop somebody owns.

    Raises:
        NotFound: there is no such shop, or they do not work in it.
        Forbidden: they work in it and do not own it.
    """
    shop = shop_of_member(user_id, shop_reference)
    if not shop.members.filter(user_id=user_id, role=MemberRole.OWNER).exists():
        raise Forbidden(needs=MemberRole.OWNER.value)
    return shop


def is_member(user_id: int, shop_id: int) -> bool:
    """Tell whether somebody works in a shop."""
    return Shop.objects.filter(pk=shop_id, members__user_id=user_id).exists()


def require_open(shop: Shop) -> None:
    """Refuse what only an open shop can do.

    Raises:
        ShopNotOpen: it is not.
    """
    if shop.state != ShopState.OPEN:
        raise ShopNotOpen(state=shop.state)
