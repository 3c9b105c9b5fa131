"""What a market that serves real people refuses to start with."""

import base64
from collections.abc import Iterator
from typing import Protocol

from django.core.exceptions import ImproperlyConfigured

SECRET_CHARACTERS_MIN = 50
DISTINCT_MIN = 16
OWN_ADDRESSES = "marketplace.config.urls"
SECRETS_FOR_TRIAL = ("django-insecure", "test-secret-key")


class Settings(Protocol):
    """The settings that are looked at."""

    DEBUG: bool
    SECRET_KEY: str
    ALLOWED_HOSTS: list[str]
    ROOT_URLCONF: str
    FIELD_KEYS: list[str]
    FIELD_INDEX_KEY: str
    MARKETPLACE_SANDBOX: bool
    MARKETPLACE_PRODUCTION: bool


def require_safe(settings: Settings) -> None:
    """Refuse to start a production process whose settings are those of a trial.

    Raises:
        ImproperlyConfigured: with every reason in one message.
    """
    faults = list(_faults(settings)) if settings.MARKETPLACE_PRODUCTION else []
    if faults:
        raise ImproperlyConfigured("PRODUCTION=yes refuses to start: " + " ".join(faults))


def _faults(settings: Settings) -> Iterator[str]:
    if settings.DEBUG:
        yield "DEBUG is on."
    if settings.MARKETPLACE_SANDBOX:
        yield "SANDBOX is on: anybody could sign in as anybody and pay with play money."
    if _is_guessable(settings.SECRET_KEY):
        yield "SECRET_KEY is a default one or too short (50 random characters)."
    if "*" in settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS is open to every name."
    if settings.ROOT_URLCONF != OWN_ADDRESSES:
        yield "ROOT_URLCONF names other addresses than the market's own."
    keys = [key.partition(":")[2] for key in settings.FIELD_KEYS]
    if not keys or not all(map(_is_random_key, [*keys, settings.FIELD_INDEX_KEY])):
        yield "FIELD_KEYS and FIELD_INDEX_KEY must be 32 random bytes each, in base64."


def _is_guessable(secret: str) -> bool:
    is_short = len(secret) < SECRET_CHARACTERS_MIN or len(set(secret)) < DISTINCT_MIN
    return is_short or secret.startswith(SECRETS_FOR_TRIAL)


def _is_random_key(key: str) -> bool:
    try:
        raw = base64.b64decode(key, validate=True)
    except ValueError:
        return False
    # 32 random bytes repeat hardly any; a key typed by hand does.
    return len(raw) == 32 and len(set(raw)) >= DISTINCT_MIN
