"""Who works in a shop."""

from datetime import datetime
from uuid import UUID

from core.accounts import phones
from core.accounts.services import people
from core.errors import DomainError, NotFound
from core.transactions import needs_transaction, refusing
from shops.storefronts.domain.licensing import MemberRole
from shops.storefronts.models import Shop, ShopMember


class AlreadyMember(DomainError):
    """They work in this shop already."""

    code = "ALREADY_MEMBER"
    zh = "该用户已经是店铺成员。"


class OwnerStays(DomainError):
    """A shop cannot be left by its owner."""

    code = "OWNER_STAYS"
    zh = "店主不能退出自己的店铺。"


@needs_transaction
def add(shop: Shop, phone: str, *, now: datetime) -> ShopMember:
    """Let somebody work in a shop; they need not have signed in before.

    Raises:
        InvalidInput: the phone is not a mainland mobile number.
        AlreadyMember: they do already.
    """
    person = people.register(phones.normalised(phone), now)
    with refusing({"storefronts_shopmember_counts_once": AlreadyMember}):
        return ShopMember.objects.create(
            shop=shop, user=person, role=MemberRole.STAFF, joined_at=now
        )


@needs_transaction
def remove(shop: Shop, user_reference: UUID) -> None:
    """End somebody's work in a shop.

    Raises:
        NotFound: they do not work in it.
        OwnerStays: they own it.
    """
    chosen = ShopMember.objects.filter(shop=shop, user__reference=user_reference)
    if chosen.filter(role=MemberRole.STAFF).delete()[0]:
        return
    if chosen.exists():
        raise OwnerStays
    raise NotFound(subject="member")
