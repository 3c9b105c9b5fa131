"""What the console says, in the language of whoever reads it."""

import inspect
from collections.abc import Iterable
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from core.errors import DomainError


def is_chinese() -> bool:
    """Tell whether the page is read in Chinese."""
    return (get_language() or "zh").startswith("zh")


def chosen(english: str, chinese: str) -> str:
    """Return one of two wordings, in the language of this moment."""
    return chinese if is_chinese() else english


# A wording whose language is chosen when it is shown, for what is written once for everybody.
said: Any = lazy(chosen, str)


def sentence(refusal: DomainError) -> str:
    """Return what the market says no with, and what it names as missing."""
    english = inspect.cleandoc(type(refusal).__doc__ or refusal.code).splitlines()[0]
    missing = refusal.facts.get("missing") or refusal.facts.get("licences") or ()
    named = [_named(item) for item in missing if item] if _is_list(missing) else []
    return " ".join([chosen(english, refusal.zh), *named, f"[{refusal.code}]"])


def _is_list(missing: object) -> bool:
    return isinstance(missing, Iterable) and not isinstance(missing, str)


def _named(item: Any) -> str:
    label = item.get("label", {}) if isinstance(item, dict) else {}
    return chosen(label.get("en", ""), label.get("zh-Hans", "")) if label else str(item)
