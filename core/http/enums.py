"""Every code that travels, with its label in both languages."""

import re
from typing import TypeVar

from django.db.models import TextChoices

Choices = TypeVar("Choices", bound=type[TextChoices])

_OFFERED: dict[str, type[TextChoices]] = {}
_LAYERS = frozenset({"models", "domain", "services", "selectors", "api", "events"})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def offered(choices: Choices) -> Choices:
    """Show an enum at `GET /meta/enums`; its labels are written "English|中文"."""
    for member in choices:
        if "|" not in str(member.label):
            raise ValueError(f"{choices.__qualname__}.{member.name}: write its label as en|zh")
    _OFFERED[_name(choices)] = choices
    return choices


def offers() -> dict[str, list[dict[str, object]]]:
    """Return every enum by name, each code with its labels."""
    return {
        name: [_labelled(member) for member in choices]
        for name, choices in sorted(_OFFERED.items())
    }


def _labelled(member: TextChoices) -> dict[str, object]:
    english, chinese = str(member.label).split("|")
    return {"code": member.value, "label": {"en": english, "zh-Hans": chinese}}


def _name(choices: type[TextChoices]) -> str:
    room = [part for part in choices.__module__.split(".") if part not in _LAYERS]
    # "shops.storefronts.models.shop" is the room "storefronts".
    place = room[1] if len(room) > 1 else room[0]
    return f"{place}_{_HUMP.sub('_', choices.__name__).lower()}"
