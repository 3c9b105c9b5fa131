"""Sections for tests, made by the services that make them in life."""

import itertools
from datetime import UTC, datetime

from django.db import transaction

from core.audit.actors import SYSTEM
from marketplace.sections.domain.branding import BrandKind
from marketplace.sections.domain.reviewing import ItemDecision, Side
from marketplace.sections.models import BrandMark, RegionalBrand, Section, SectionItem
from marketplace.sections.services import brands, items, marks, sections
from shops.catalogue.models import Product
from shops.catalogue.selectors import tree
from shops.storefronts.models import Shop

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


def a_hall(county: str = "420527", **wanted: object) -> Section:
    """Return the open hall of a county."""
    body = sections.Partner(f"{county} 特产办", county)
    return a_section(kind="HALL", partner=body, **wanted)


def a_brand(
    county: str = "420527", kind: str = "FLAGSHIP", category: str = "citrus"
) -> RegionalBrand:
    """Return a brand of a county."""
    with transaction.atomic():
        return brands.found(
            county=county,
            category=tree.find(category),
            kind=BrandKind(kind),
            name=f"品牌{next(_NUMBERS)}",
            gi_mark="AGI00001",
            actor=SYSTEM,
            now=MADE,
        )


def authorise(brand: RegionalBrand, shop: Shop) -> None:
    """Let a shop use a brand."""
    with transaction.atomic():
        brands.authorise(brand, shop.reference, actor=SYSTEM, now=MADE)


def a_mark(brand: RegionalBrand, product: Product) -> BrandMark:
    """Let a product bear a brand's mark."""
    with transaction.atomic():
        return marks.put_on(product, brand, actor=SYSTEM, now=MADE)
