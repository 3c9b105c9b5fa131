"""Sections for tests, made by the services that make them in life."""

import itertools
from datetime import UTC, datetime

from django.db import transaction

from core.audit.actors import SYSTEM
from marketplace.sections.models import Section
from marketplace.sections.services import sections

_NUMBERS = itertools.count(1)
MADE = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


def a_section(slug: str = "", *, state: str = "OPEN", **wanted: object) -> Section:
    """Return a section, open unless told otherwise; its members come with the next delivery."""
    number = next(_NUMBERS)
    with transaction.atomic():
        return sections.create(
            slug=slug or f"hall-{number}",
            name=f"专区{number}",
            state=state,
            actor=SYSTEM,
            now=MADE,
            **wanted,
        )
