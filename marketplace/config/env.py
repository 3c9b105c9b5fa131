"""The only reader of the process environment."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return a variable, or the content of the file that `NAME_FILE` names.

    Raises:
        ImproperlyConfigured: it is missing and has no default, or its file cannot be read.
    """
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as wrong:
            raise ImproperlyConfigured(f"{name}_FILE: {wrong}") from wrong
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE) in the environment.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """Return whether a variable says yes."""
    return text(name, "yes" if default else "no").lower() in {"1", "yes", "true", "on"}


def number(name: str, default: int) -> int:
    """Return a variable as an integer."""
    try:
        return int(text(name, str(default)))
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from wrong


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
