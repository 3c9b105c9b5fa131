"""What a market that serves real people refuses to start with."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRET_CHARACTERS_MIN = 50
DISTINCT_MIN = 16
OWN_ADDRESSES = "marketplace.config.urls"
SECRETS_FOR_TRIAL = ("django-insecure", "test-secret-key")
PASSWORDS_FOR_TRIAL = frozenset({"postgres", "password", "market", "secret", "admin", "changeme"})
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
LIMITS_FACTOR_MAX = 10


class Settings(Protocol):
    """The settings that are looked at."""

    DEBUG: bool
    SECRET_KEY: str
    ALLOWED_HOSTS: list[str]
    ROOT_URLCONF: str
    FIELD_KEYS: list[str]
    FIELD_INDEX_KEY: str
    BEHIND_TLS: bool
    DATABASES: Mapping[str, Mapping[str, Any]]
    MARKETPLACE_PUBLIC_URL: str
    MARKETPLACE_CORS_ORIGINS: list[str]
    MARKETPLACE_SMS_URL: str
    MARKETPLACE_LIMITS_FACTOR: int
    MARKETPLACE_CONSOLE_SECOND_FACTOR: bool
    MARKETPLACE_SANDBOX: bool
    MARKETPLACE_PRODUCTION: bool


def require_safe(settings: Settings) -> None:
    """Refuse to start a production process whose settings are those of a trial.

    Raises:
        ImproperlyConfigured: with every reason in one message.
    """
    if not settings.MARKETPLACE_PRODUCTION:
        return
    faults = [*_faults(settings), *_faults_of_secrets(settings), *_faults_of_the_wire(settings)]
    if faults:
        raise ImproperlyConfigured("PRODUCTION=yes refuses to start: " + " ".join(faults))


def _faults(settings: Settings) -> Iterator[str]:
    if settings.DEBUG:
        yield "DEBUG is on."
    if settings.MARKETPLACE_SANDBOX:
        yield "SANDBOX is on: anybody could sign in as anybody and pay with play money."
    if not settings.MARKETPLACE_CONSOLE_SECOND_FACTOR:
        yield "The console must ask for a second factor."
    if settings.MARKETPLACE_LIMITS_FACTOR > LIMITS_FACTOR_MAX:
        yield f"MARKETPLACE_LIMITS_FACTOR above {LIMITS_FACTOR_MAX} is for crowds of a trial."
    if "*" in settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS is open to every name."
    if settings.ROOT_URLCONF != OWN_ADDRESSES:
        yield "ROOT_URLCONF names other addresses than the market's own."


def _faults_of_secrets(settings: Settings) -> Iterator[str]:
    if _is_guessable(settings.SECRET_KEY):
        yield "SECRET_KEY is a default one or too short (50 random characters)."
    if settings.DATABASES["default"].get("PASSWORD") in PASSWORDS_FOR_TRIAL:
        yield "DATABASE_URL has a password that everybody knows."
    keys = [key.partition(":")[2] for key in settings.FIELD_KEYS]
    if not keys or not all(map(_is_random_key, [*keys, settings.FIELD_INDEX_KEY])):
        yield "FIELD_KEYS and FIELD_INDEX_KEY must be 32 random bytes each, in base64."


def _faults_of_the_wire(settings: Settings) -> Iterator[str]:
    if not settings.BEHIND_TLS and _is_open_text(settings.MARKETPLACE_PUBLIC_URL):
        yield "PUBLIC_URL is for others, so TLS must stand before it (BEHIND_TLS=yes)."
    if any(map(_is_open_text, settings.MARKETPLACE_CORS_ORIGINS)):
        yield "CORS_ORIGINS names an origin without TLS."
    if settings.MARKETPLACE_SMS_URL and _is_open_text(settings.MARKETPLACE_SMS_URL):
        yield "MARKETPLACE_SMS_URL would send codes and its token in clear."


def _is_open_text(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme != "https" and parts.hostname not in THIS_MACHINE


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
