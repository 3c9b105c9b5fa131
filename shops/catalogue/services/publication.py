"""A product comes on sale when it is complete and its shop may sell it; and leaves again."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from core.audit.actors import Actor
from core.audit.advancing import advance_one
from core.errors import DomainError
from core.outbox.recording import record
from core.periods import local_day
from core.regions.selectors import divisions
from core.transactions import needs_transaction
from shops.catalogue.domain import licences
from shops.catalogue.domain.goods import PRODUCT, ProductState
from shops.catalogue.events import ProductChanged, ProductPublished, ProductWithdrawn
from shops.catalogue.models import Product
from shops.catalogue.services import cards
from shops.storefronts.selectors import access, papers

FreightCheck = Callable[[int, UUID], bool]

_freight_checks: list[FreightCheck] = []


class ProductIncomplete(DomainError):
    """The product is not ready to be sold; `missing` names what to put right."""

    code = "PRODUCT_INCOMPLETE"
    zh = "商品信息不完整，暂不能上架。"
    status = 422


class LicenceMissing(DomainError):
    """The shop lacks a paper that selling these goods needs."""

    code = "LICENCE_MISSING"
    zh = "店铺缺少销售此类商品所需的证照。"
    status = 422


class ClassNotAllowed(DomainError):
    """A seller of this kind may not sell goods of this class."""

    code = "CLASS_NOT_ALLOWED"
    zh = "该类型的店铺不能销售此类商品。"
    status = 422


def register_freight_check(check: FreightCheck) -> None:
    """Let the freight room say whether a shop has a template: `check(shop_id, reference)`."""
    _freight_checks[:] = [check]


def has_template(shop_id: int, template: UUID) -> bool:
    """Tell whether a shop has a freight template."""
    return any(check(shop_id, template) for check in _freight_checks)


@needs_transaction
def publish(product: Product, *, actor: Actor, now: datetime) -> Product:
    """Put a product on sale. Its first publication stays the day it counts as new from.

    Raises:
        IllegalTransition: it is on sale already.
        ProductIncomplete, LicenceMissing, ClassNotAllowed, ShopNotOpen: it is not fit to be sold.
    """
    access.require_open(product.shop)
    require_fit(product, now=now)
    advance_one(
        Product.objects.filter(pk=product.pk),
        PRODUCT,
        "publish",
        actor=actor,
        now=now,
        version=F("version") + 1,
        published_at=Coalesce("published_at", Value(now)),
    )
    product.refresh_from_db()
    cards.prepare([product.pk], now=now)
    record(ProductPublished(product.pk, str(product.reference), product.version), now=now)
    return product


@needs_transaction
def withdraw(product: Product, *, actor: Actor, now: datetime, reason: str = "") -> Product:
    """Take a product off sale; orders that were placed go on.

    Raises:
        IllegalTransition: it is not on sale.
    """
    advance_one(
        Product.objects.filter(pk=product.pk),
        PRODUCT,
        "withdraw",
        actor=actor,
        now=now,
        reason=reason,
        version=F("version") + 1,
    )
    product.refresh_from_db()
    cards.prepare([product.pk], now=now)
    record(ProductWithdrawn(product.pk, str(product.reference), product.version), now=now)
    return product


@needs_transaction
def show_shop_anew(shop_id: int, *, now: datetime) -> int:
    """Prepare the cards of a shop that opened or closed; return how many of its goods changed."""
    on_sale = Product.objects.filter(shop_id=shop_id, state=ProductState.PUBLISHED)
    # Locked in the order of keys first: an UPDATE over several rows locks in none.
    ids = list(on_sale.select_for_update().order_by("pk").values_list("pk", flat=True))
    rows = Product.objects.filter(pk__in=ids).order_by("pk")
    rows.update(version=F("version") + 1)
    products = list(rows.values_list("pk", "reference", "version"))
    cards.prepare([product_id for product_id, _, _ in products], now=now)
    record(
        *(
            ProductChanged(product_id, str(reference), version)
            for product_id, reference, version in products
        ),
        now=now,
    )
    return len(products)


def require_fit(product: Product, *, now: datetime) -> None:
    """Refuse what could not be sold as it is.

    Raises:
        ProductIncomplete: something is missing or does not fit together.
        ClassNotAllowed: this kind of seller may never sell such goods (`domain.md` 2.10).
        LicenceMissing: the papers for such goods are not accepted or have run out.
    """
    missing = _missing(product)
    if missing:
        raise ProductIncomplete(missing=missing)
    shop, goods = product.shop, product.product_class
    needed = licences.needed(shop.kind, goods, product.category.licence_kind)
    if needed is None:
        raise ClassNotAllowed(product_class=goods, shop_kind=shop.kind)
    lacking = sorted(needed - papers.kinds_held(shop.pk, papers.ACCEPTED, on=local_day(now)))
    if lacking:
        raise LicenceMissing(licences=lacking)


def _missing(product: Product) -> list[str]:
    missing = []
    if product.product_class not in product.category.product_classes:
        missing.append("product_class")
    if not product.skus.exists():
        missing.append("skus")
    if not _has_living_origin(product.origin_county):
        missing.append("origin")
    if product.freight_template and not has_template(product.shop_id, product.freight_template):
        missing.append("freight_template")
    return missing


def _has_living_origin(code: str) -> bool:
    try:
        divisions.county(code)
    except (divisions.UnknownRegion, divisions.RetiredRegion):
        return False
    return True
