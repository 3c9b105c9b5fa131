"""Form fields for what a section's rule names."""

from typing import Any
from urllib.parse import urlsplit

from rest_framework import serializers

from core.errors import NotFound
from core.http.forms import TextField
from core.regions.selectors import programmes


class SafeAddressField(TextField):
    """An address of another site, reached safely."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 500, "help_text": "https://...", **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the address, or refuse what leads nowhere, or somewhere unsafely."""
        address = str(super().to_internal_value(data))
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme == "https" and parts.hostname and not set(address) & set(' <>"'):
            return address
        raise serializers.ValidationError("https://...", code="NOT_AN_ADDRESS")


class ProgrammeField(TextField):
    """The slug of a programme."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, "help_text": "Slug of /programmes", **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the slug, or refuse it as unknown."""
        slug = str(super().to_internal_value(data))
        try:
            programmes.by_slug(slug)
        except NotFound as refusal:
            raise serializers.ValidationError(slug, code="UNKNOWN_PROGRAMME") from refusal
        return slug


class SlugField(TextField):
    """A name in addresses: small letters, digits and single dashes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the slug, or refuse what does not stand in an address as it is."""
        slug = str(super().to_internal_value(data))
        words = slug.split("-")
        if all(word.isascii() and word.isalnum() and word == word.lower() for word in words):
            return slug
        raise serializers.ValidationError("a-z 0-9 -", code="NOT_A_SLUG")
