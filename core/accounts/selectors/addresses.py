"""Where people want their parcels."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from core.accounts.models import Address
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """An address as a carrier needs it."""

    reference: str
    recipient: str
    phone: str
    region: str
    street: str


def delivery_address(user_id: int, reference: UUID | str) -> AddressFacts:
    """Return one of a user's addresses, readable.

    Raises:
        NotFound: the user has no such address.
    """
    address = own(user_id, reference)
    return AddressFacts(
        reference=str(address.reference),
        recipient=address.recipient,
        phone=address.phone,
        region=address.region,
        street=address.street,
    )


def region_of(user_id: int, reference: UUID | str) -> str:
    """Return the county of one of a user's addresses; nothing sealed is opened for it.

    Raises:
        NotFound: the user has no such address.
    """
    region = (
        Address.objects.filter(user_id=user_id, reference=reference)
        .values_list("region", flat=True)
        .first()  # The reference is unique.
    )
    if region is None:
        raise NotFound(subject="address")
    return region


def own(user_id: int, reference: UUID | str) -> Address:
    """Return one of a user's addresses.

    Raises:
        NotFound: the user has no such address.
    """
    try:
        return Address.objects.get(user_id=user_id, reference=reference)
    except Address.DoesNotExist:
        raise NotFound(subject="address") from None


def of_user(user_id: int) -> QuerySet[Address]:
    """Return a user's addresses, the default first, then the newest."""
    return Address.objects.filter(user_id=user_id).order_by("-is_default", "-id")
