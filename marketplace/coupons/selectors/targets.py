"""What a batch names from outside: sections, regions, goods, shops and budgets, by our own keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from core.errors import DomainError
from core.regions.selectors import divisions, programmes
from marketplace.coupons.domain.drafts import WantedFunding, WantedScope, Wrong
from marketplace.coupons.domain.kinds import ScopeBy
from marketplace.coupons.models import BatchScope, CouponBudget
from marketplace.sections.models import Section
from shops.catalogue.models import Category, Product
from shops.storefronts.models import Shop


@dataclass(slots=True)
class Targets:
    """What was found of what was named, and what was not."""

    rows: list[BatchScope] = field(default_factory=list)
    wrongs: list[Wrong] = field(default_factory=list)


def scope_rows(scope: WantedScope, *, only_shop: Shop | None = None) -> Targets:
    """Return the rows of a scope, not yet stored; a shop's own coupon stays inside its shop."""
    found = Targets()
    _sections(scope.sections, found)
    _regions(scope.regions, found)
    _programmes(scope.programmes, found)
    _categories(scope.categories, found)
    _products(scope.products, only_shop, found)
    _shops(scope.shops, only_shop, found)
    return found


def budgets_by_reference(funding: Sequence[WantedFunding]) -> tuple[dict[UUID, int], list[Wrong]]:
    """Return the keys of the budgets that are named, and which of them cannot be meant."""
    wanted = [part.budget for part in funding if part.budget]
    known = {
        budget.reference: budget for budget in CouponBudget.objects.filter(reference__in=wanted)
    }
    wrongs = []
    for place, part in enumerate(funding):
        if part.budget is None:
            continue
        budget = known.get(part.budget)
        if budget is None:
            wrongs.append(Wrong(f"/funding/{place}/budget", "UNKNOWN"))
        elif budget.funder != part.funder:
            wrongs.append(Wrong(f"/funding/{place}/budget", "BUDGET_OF_ANOTHER_FUNDER"))
    return {reference: budget.pk for reference, budget in known.items()}, wrongs


def _sections(slugs: Sequence[str], found: Targets) -> None:
    keys = dict(Section.objects.filter(slug__in=slugs).values_list("slug", "id"))
    for place, slug in enumerate(slugs):
        if slug in keys:
            found.rows.append(BatchScope(by=ScopeBy.SECTION, section_id=keys[slug]))
        else:
            found.wrongs.append(Wrong(f"/scope/sections/{place}", "UNKNOWN"))


def _regions(codes: Sequence[str], found: Targets) -> None:
    for place, code in enumerate(codes):
        try:
            divisions.region(code)
        except DomainError as refusal:
            found.wrongs.append(Wrong(f"/scope/regions/{place}", refusal.code))
        else:
            found.rows.append(BatchScope(by=ScopeBy.REGION, region=code))


def _programmes(slugs: Sequence[str], found: Targets) -> None:
    known = set(programmes.known().values_list("slug", flat=True)) if slugs else set()
    for place, slug in enumerate(slugs):
        if slug in known:
            found.rows.append(BatchScope(by=ScopeBy.PROGRAMME, programme=slug))
        else:
            found.wrongs.append(Wrong(f"/scope/programmes/{place}", "UNKNOWN"))


def _categories(names: Sequence[str], found: Targets) -> None:
    references = _references(names)
    rows = Category.objects.filter(reference__in=references) | Category.objects.filter(
        slug__in=names
    )
    keys: dict[str, int] = {}
    for row in rows:
        keys[str(row.reference)] = keys[row.slug] = row.pk
    for place, name in enumerate(names):
        if name in keys:
            found.rows.append(BatchScope(by=ScopeBy.CATEGORY, category_id=keys[name]))
        else:
            found.wrongs.append(Wrong(f"/scope/categories/{place}", "UNKNOWN"))


def _products(references: Sequence[UUID], only_shop: Shop | None, found: Targets) -> None:
    rows = Product.objects.filter(reference__in=references)
    known = {row.reference: row for row in rows.only("id", "reference", "shop_id")}
    for place, reference in enumerate(references):
        product = known.get(reference)
        if product is None:
            found.wrongs.append(Wrong(f"/scope/products/{place}", "UNKNOWN"))
        elif only_shop is not None and product.shop_id != only_shop.pk:
            found.wrongs.append(Wrong(f"/scope/products/{place}", "OUTSIDE_THE_SHOP"))
        else:
            found.rows.append(BatchScope(by=ScopeBy.PRODUCT, product_id=product.pk))


def _shops(names: Sequence[str], only_shop: Shop | None, found: Targets) -> None:
    rows = Shop.objects.filter(reference__in=_references(names)) | Shop.objects.filter(
        slug__in=names
    )
    keys: dict[str, int] = {}
    for row in rows.only("id", "reference", "slug"):
        keys[str(row.reference)] = keys[row.slug] = row.pk
    for place, name in enumerate(names):
        if only_shop is not None and keys.get(name) != only_shop.pk:
            found.wrongs.append(Wrong(f"/scope/shops/{place}", "OUTSIDE_THE_SHOP"))
        elif name in keys:
            found.rows.append(BatchScope(by=ScopeBy.SHOP, shop_id=keys[name]))
        else:
            found.wrongs.append(Wrong(f"/scope/shops/{place}", "UNKNOWN"))


def _references(names: Iterable[str]) -> list[UUID]:
    references = []
    for name in names:
        try:
            references.append(UUID(name))
        except ValueError:
            continue
    return references
