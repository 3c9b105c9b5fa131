"""Brands of counties: whose they are, who may use them, and what bears their mark."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from core.errors import NotFound
from marketplace.sections.domain.branding import BrandKind, BrandState
from marketplace.sections.models import BrandAuthorisation, BrandMark, RegionalBrand
from shops.catalogue.models import ProductCard


def in_use(county: str = "") -> QuerySet[RegionalBrand]:
    """Return the brands in use, of all counties or of one."""
    rows = _shown().filter(state=BrandState.ACTIVE)
    return rows.filter(county=county) if county else rows


def one(reference: UUID) -> RegionalBrand:
    """Return a brand in use.

    Raises:
        NotFound: there is none of that id.
    """
    return _one(in_use(), reference)


def flagship_of(county: str) -> RegionalBrand | None:
    """Return the flagship of a county, if it has one."""
    # A county never has two.
    return in_use(county).filter(kind=BrandKind.FLAGSHIP).first()


def managed_by(user_id: int) -> QuerySet[RegionalBrand]:
    """Return the brands of the counties in somebody's reach, retired ones too."""
    return inside(roles.region_scope(user_id, Role.SECTION_MANAGER))


def one_managed_by(user_id: int, reference: UUID) -> RegionalBrand:
    """Return a brand that somebody manages.

    Raises:
        NotFound: there is none of that id, or it is not theirs to manage.
    """
    return _one(managed_by(user_id), reference)


def authorised(brand: RegionalBrand) -> QuerySet[BrandAuthorisation]:
    """Return the shops that may use a brand, with how many of their products bear its mark."""
    held = BrandAuthorisation.objects.filter(brand=brand, ended_at=None)
    return held.select_related("shop").annotate(products=Count("marks"))


def cards_of(brand: RegionalBrand) -> QuerySet[ProductCard]:
    """Return the cards of the products on sale that bear a brand's mark."""
    marked = BrandMark.objects.filter(
        authorisation__brand=brand,
        authorisation__ended_at=None,
        product__origin_county=brand.county,
    )
    return ProductCard.objects.filter(product_id__in=marked.values("product_id"), is_listed=True)


def inside(scope: Iterable[str] | None) -> QuerySet[RegionalBrand]:
    """Return the brands of the counties below some regions; None is the whole country."""
    if scope is None:
        return _shown()
    wanted = Q(pk__in=[])
    for region in scope:
        wanted |= Q(county__startswith=roles.prefix_of(region))
    return _shown().filter(wanted)


def _shown() -> QuerySet[RegionalBrand]:
    return RegionalBrand.objects.select_related("category").annotate(
        shops=Count("authorisations", filter=Q(authorisations__ended_at=None))
    )


def _one(rows: QuerySet[RegionalBrand], reference: UUID) -> RegionalBrand:
    found = rows.filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="brand")
    return found
