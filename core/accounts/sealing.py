"""Personal fields that only this program can read: sealed for storing, indexed for equality.

A sealed text is `<key id>:<base64 of nonce and ciphertext>`. The first key of
`settings.FIELD_KEYS` seals, every key opens, so a key is rotated by putting a new one in front
and sealing what the old one sealed again.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

NONCE_BYTES = 12
MASK = "****"


class SealBroken(RuntimeError):
    """A sealed text cannot be opened: its key is not known, or it was changed."""


def seal(text: str) -> str:
    """Return a text as only the holder of the first key can read it."""
    key_id, cipher = next(iter(_ciphers(tuple(settings.FIELD_KEYS)).items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, text.encode(), key_id.encode())
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def open_sealed(sealed: str) -> str:
    """Return the text under a seal.

    Raises:
        SealBroken: the key is not among ours, or the text was tampered with.
    """
    key_id, _, body = sealed.partition(":")
    cipher = _ciphers(tuple(settings.FIELD_KEYS)).get(key_id)
    if cipher is None:
        raise SealBroken(f"There is no field key {key_id[:20]!r}.")
    try:
        raw = base64.b64decode(body, validate=True)
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], key_id.encode()).decode()
    except (InvalidTag, ValueError) as broken:
        raise SealBroken("A sealed text was changed.") from broken


def current_key_id() -> str:
    """Return the id of the key that seals today."""
    return key_ids()[0]


def key_ids() -> list[str]:
    """Return the ids of all keys that open, the sealing one first."""
    return list(_ciphers(tuple(settings.FIELD_KEYS)))


def blind_index(kind: str, text: str) -> str:
    """Return a keyed fingerprint by which equal texts of one kind find each other."""
    key = base64.b64decode(settings.FIELD_INDEX_KEY)
    return hmac.new(key, f"{kind}\x00{text}".encode(), hashlib.sha256).hexdigest()


def mask_phone(phone: str) -> str:
    """Return a phone as others may see it: `139****0001`."""
    local = phone.removeprefix("+86")
    return f"{local[:3]}{MASK}{local[-4:]}" if len(local) >= len("12345678") else MASK


def mask_name(name: str) -> str:
    """Return a name as others may see it: `王****`."""
    return f"{name[:1]}{MASK}" if name else ""


@lru_cache(maxsize=4)
def _ciphers(pairs: tuple[str, ...]) -> dict[str, AESGCM]:
    split = (pair.partition(":") for pair in pairs)
    return {key_id: AESGCM(base64.b64decode(key)) for key_id, _, key in split}


class SealedTextField(models.TextField):
    """A text that is sealed on its way to the database and opened on its way back."""

    def from_db_value(
        self, value: str | None, _expression: object, _connection: BaseDatabaseWrapper
    ) -> str | None:
        return None if value is None else open_sealed(value)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        ready = super().get_db_prep_save(value, connection)
        return seal(ready) if isinstance(ready, str) else ready

    def get_lookup(self, lookup_name: str) -> Any:
        # Every sealing differs, so a comparison would silently find nothing.
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: look it up by its blind index.")
        return super().get_lookup(lookup_name)
