"""Sections for tests, made by the services that make them in life."""

import itertools
from datetime import UTC, datetime

from django.db import transaction

from core.audit.actors import SYSTEM
from marketplace.sections.domain.reviewing import ItemDecision, Side
from marketplace.sections.models import Section, SectionItem
from marketplace.sections.services import items, sections
from shops.catalogue.models import Product

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


def a_co_branded_section(partner: str = "", region: str = "420000", **wanted: object) -> Section:
    """Return an open section made with a partner."""
    body = sections.Partner(partner or f"合作机构{next(_NUMBERS)}", region)
    return a_section(kind="CO_BRANDED", partner=body, **wanted)


def an_item(section: Section, product: Product) -> SectionItem:
    """Return a product proposed for a co-branded section."""
    with transaction.atomic():
        return items.propose(section, product, actor=SYSTEM, now=MADE)


def approved(item: SectionItem) -> SectionItem:
    """Let both sides approve an item."""
    with transaction.atomic():
        for side in Side:
            items.decide(item, side, ItemDecision.APPROVE, actor=SYSTEM, now=MADE)
    return item
