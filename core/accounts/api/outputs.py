"""What is said about people."""

from typing import Any

from rest_framework import serializers

from core.accounts.models import Address, User
from core.accounts.services.sessions import Tokens


class UserOutput(serializers.Serializer[Any]):
    """Somebody, as they see themselves."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    joined_at = serializers.DateTimeField(allow_null=True)


class SessionOutput(serializers.Serializer[Any]):
    """What a client keeps after signing in."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until `access` must be refreshed.")
    user = UserOutput()


class AddressOutput(serializers.Serializer[Any]):
    """A place, as its owner sees it."""

    id = serializers.UUIDField()
    recipient = serializers.CharField()
    phone = serializers.CharField()
    region = serializers.CharField()
    region_name = serializers.CharField()
    street = serializers.CharField()
    is_default = serializers.BooleanField()


def user(person: User, roles: list[str]) -> dict[str, Any]:
    """Return somebody as they see themselves."""
    return {
        "id": person.reference,
        "name": person.name,
        "phone": person.phone,
        "roles": roles,
        "joined_at": person.joined_at,
    }


def session(tokens: Tokens, roles: list[str], expires_in_s: int) -> dict[str, Any]:
    """Return fresh tokens with whose they are."""
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "expires_in": expires_in_s,
        "user": user(tokens.user, roles),
    }


def address(place: Address, names: dict[str, str]) -> dict[str, Any]:
    """Return a place as its owner sees it."""
    return {
        "id": place.reference,
        "recipient": place.recipient,
        "phone": place.phone,
        "region": place.region,
        "region_name": names.get(place.region, ""),
        "street": place.street,
        "is_default": place.is_default,
    }
