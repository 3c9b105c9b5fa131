"""A user's addresses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.accounts import phones
from core.accounts.models import Address, User
from core.accounts.selectors import addresses
from core.errors import DomainError
from core.transactions import needs_transaction

ADDRESSES_MAX = 50


class TooManyAddresses(DomainError):
    """You have saved as many addresses as can be kept."""

    code = "TOO_MANY_ADDRESSES"
    zh = "收货地址数量已达上限。"


@needs_transaction
def add_address(
    user_id: int,
    *,
    recipient: str,
    phone: str,
    region: str,
    street: str,
    is_default: bool = False,
    now: datetime,
) -> Address:
    """Keep a place for a user; the first one becomes the default.

    Raises:
        InvalidInput: the phone is not a mainland mobile number.
        TooManyAddresses: there are as many as can be kept.
    """
    number = phones.normalised(phone)
    _lock_owner(user_id)
    kept = Address.objects.filter(user_id=user_id).count()
    if kept >= ADDRESSES_MAX:
        raise TooManyAddresses(addresses_max=ADDRESSES_MAX)
    default = is_default or kept == 0
    if default:
        _clear_default(user_id)
    return Address.objects.create(
        user_id=user_id,
        recipient=recipient,
        phone=number,
        region=region,
        street=street,
        is_default=default,
        created_at=now,
    )


@needs_transaction
def change_address(user_id: int, reference: UUID | str, changes: Mapping[str, Any]) -> Address:
    """Change what is said about a place.

    Raises:
        NotFound: the user has no such address.
        InvalidInput: the phone is not a mainland mobile number.
    """
    address = addresses.own(user_id, reference)
    known = {"recipient", "region", "street", "is_default"}
    values = {name: value for name, value in changes.items() if name in known}
    if "phone" in changes:
        values["phone"] = phones.normalised(changes["phone"])
    if values.get("is_default"):
        _lock_owner(user_id)
        _clear_default(user_id)
    if values:
        Address.objects.filter(pk=address.pk).update(**values)
    return addresses.own(user_id, reference)


@needs_transaction
def forget_address(user_id: int, reference: UUID | str) -> None:
    """Drop a place; orders keep their own copy.

    Raises:
        NotFound: the user has no such address.
    """
    Address.objects.filter(pk=addresses.own(user_id, reference).pk).delete()


def _lock_owner(user_id: int) -> None:
    # Changes of one user's addresses queue up, so the count and the default stay true.
    User.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=user_id)


def _clear_default(user_id: int) -> None:
    Address.objects.filter(user_id=user_id, is_default=True).update(is_default=False)
