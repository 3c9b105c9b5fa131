"""Brands of counties, and the shops that may use them."""

from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.audit.advancing import advance_one, log_birth
from core.errors import DomainError, NotFound
from core.transactions import needs_transaction, refusing
from marketplace.sections.domain.branding import BRAND, BrandKind
from marketplace.sections.models import BrandAuthorisation, BrandMark, RegionalBrand
from shops.catalogue.models import Category
from shops.storefronts.models import Shop


class FlagshipExists(DomainError):
    """This county has its one flagship brand already."""

    code = "FLAGSHIP_EXISTS"
    zh = "该县已有旗舰品牌，一县只能有一个。"


class AlreadyAuthorised(DomainError):
    """This shop may use the brand already."""

    code = "ALREADY_AUTHORISED"
    zh = "该店铺已获得品牌授权。"


@needs_transaction
def found(
    *,
    county: str,
    category: Category,
    kind: BrandKind,
    name: str,
    gi_mark: str = "",
    actor: Actor,
    now: datetime,
) -> RegionalBrand:
    """Found a county's brand.

    Raises:
        FlagshipExists: it is to be the flagship, and the county has one.
    """
    with refusing({"sections_regionalbrand_one_flagship_per_county": FlagshipExists}):
        brand = RegionalBrand.objects.create(
            county=county, category=category, kind=kind, name=name, gi_mark=gi_mark, created_at=now
        )
    log_birth(BRAND, [brand.pk], brand.state, actor=actor, now=now)
    return brand


@needs_transaction
def retire(brand: RegionalBrand, *, actor: Actor, now: datetime, reason: str = "") -> RegionalBrand:
    """Put a brand out of use: no shop may use it any more, and no product bears its mark.

    Raises:
        IllegalTransition: it was retired before.
    """
    rows = RegionalBrand.objects.filter(pk=brand.pk)
    advance_one(rows, BRAND, "retire", actor=actor, now=now, reason=reason, retired_at=now)
    held = BrandAuthorisation.objects.filter(brand=brand, ended_at=None)
    # The authorisations first: whoever marks a product meanwhile waits for them, and is refused.
    held.update(ended_at=now, ended_by_id=actor.user_id)
    BrandMark.objects.filter(authorisation__brand=brand).delete()
    brand.refresh_from_db()
    return brand


@needs_transaction
def authorise(
    brand: RegionalBrand, shop: UUID, *, actor: Actor, now: datetime
) -> BrandAuthorisation:
    """Let a shop use a brand's mark.

    Raises:
        NotFound: there is no such shop, or the brand is retired.
        AlreadyAuthorised: the shop may already.
    """
    chosen = Shop.objects.filter(reference=shop).first()  # The reference is unique.
    if chosen is None:
        raise NotFound(subject="shop")
    # A brand that is retired meanwhile would end what is there; so it waits for this one.
    in_use = RegionalBrand.objects.select_for_update(of=("self",), no_key=True)
    if not in_use.filter(pk=brand.pk, retired_at=None).exists():
        raise NotFound(subject="brand in use")
    with refusing({"sections_brandauthorisation_one_at_a_time": AlreadyAuthorised}):
        return BrandAuthorisation.objects.create(
            brand=brand, shop=chosen, authorised_by_id=actor.user_id, authorised_at=now
        )


@needs_transaction
def end_authorisation(brand: RegionalBrand, shop: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a brand's mark from a shop, and off its goods.

    Raises:
        NotFound: the shop may not use it.
    """
    held = BrandAuthorisation.objects.filter(brand=brand, shop__reference=shop, ended_at=None)
    # As above: first the authorisation, which a product that is being marked waits for.
    if not held.update(ended_at=now, ended_by_id=actor.user_id):
        raise NotFound(subject="authorisation")
    BrandMark.objects.filter(
        authorisation__brand=brand, authorisation__shop__reference=shop
    ).delete()
