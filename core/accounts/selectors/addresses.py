"""Where people want their parcels."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from core.accounts.models import Address
from core.accounts.sealing import open_sealed
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
    found = _read("region, recipient, phone, street", user_id, reference)
    region, *sealed = found
    recipient, phone, street = map(open_sealed, sealed)
    return AddressFacts(str(reference), recipient, phone, region, street)


def region_of(user_id: int, reference: UUID | str) -> str:
    """Return the county of one of a user's addresses; nothing sealed is opened for it.

    Raises:
        NotFound: the user has no such address.
    """
    (region,) = _read("region", user_id, reference)
    return str(region)


def own(user_id: int, reference: UUID | str) -> Address:
    """Return one of a user's addresses.

    Raises:
        NotFound: the user has no such address.
    """
    try:
        return Address.objects.get(user_id=user_id, reference=reference)
    except Address.DoesNotExist:
        raise NotFound(subject="address") from None


def _read(columns: str, user_id: int, reference: UUID | str) -> tuple[str, ...]:
    # Every quote and every order reads one: a plain statement, without a model being made.
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM accounts_address WHERE reference = %s AND user_id = %s",  # noqa: S608
            [reference, user_id],
        )
        found: tuple[str, ...] | None = cursor.fetchone()
    if found is None:
        raise NotFound(subject="address")
    return found


def of_user(user_id: int) -> QuerySet[Address]:
    """Return a user's addresses, the default first, then the newest."""
    return Address.objects.filter(user_id=user_id).order_by("-is_default", "-id")
