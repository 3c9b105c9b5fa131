"""A product begins as a draft and is edited; what buyers see of it is prepared anew each time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from core.audit.actors import Actor
from core.audit.advancing import log_birth
from core.errors import DomainError, InvalidInput
from core.outbox.recording import record
from core.quotas.models import Kind
from core.quotas.services import opening
from core.regions import codes
from core.transactions import needs_transaction, refusing
from shops.catalogue.domain.goods import PRODUCT, ProductState
from shops.catalogue.events import ProductChanged
from shops.catalogue.models import Category, Product, Sku, StockAdjustment
from shops.catalogue.services import cards, photos, publication
from shops.storefronts.models import Shop

OPENING_REASON = "opening stock"
EDITABLE = frozenset(
    {
        "title",
        "category",
        "description",
        "product_class",
        "temp_class",
        "shelf_life_days",
        "freight_template",
    }
)
SKU_EDITABLE = frozenset({"spec", "price_fen", "net_weight_g", "gross_weight_g"})


class ProductChangedMeanwhile(DomainError):
    """Somebody else has changed the product meanwhile; please read it again."""

    code = "PRODUCT_CHANGED"
    zh = "商品已被他人修改，请刷新后再试。"


class SpecTaken(DomainError):
    """The product has a SKU of this name already."""

    code = "SPEC_TAKEN"
    zh = "该商品已有同名规格。"


def _gross_below_net() -> InvalidInput:
    detail = "The weight with packaging is at least the weight of the goods."
    return InvalidInput.at("/gross_weight_g", "GROSS_BELOW_NET", detail)


_SKU_REFUSALS: Mapping[str, Callable[[], DomainError]] = {
    "catalogue_sku_spec_once": SpecTaken,
    "catalogue_sku_gross_covers_net": _gross_below_net,
}


@dataclass(frozen=True, slots=True)
class NewSku:
    """One size to offer: what it costs, what it weighs, how many there are."""

    spec: str
    price_fen: int
    net_weight_g: int
    gross_weight_g: int
    stock: int = 0


@needs_transaction
def create(
    shop: Shop,
    *,
    title: str,
    category: Category,
    origin: str,
    product_class: str,
    temp_class: str,
    skus: Sequence[NewSku],
    description: str = "",
    shelf_life_days: int | None = None,
    freight_template: UUID | None = None,
    pictures: Sequence[UUID] = (),
    shards: int = 1,
    actor: Actor,
    now: datetime,
) -> Product:
    """Begin a product as a draft, with its SKUs and their opening stock.

    Raises:
        SpecTaken: two SKUs have the same name.
        InvalidInput: a SKU would weigh less with its packaging than without, or the shop has no
            such freight template.
        NotFound: a picture is not the actor's, or too old.
    """
    _require_template(shop.pk, freight_template)
    product = Product.objects.create(
        shop=shop,
        title=title,
        category=category,
        description=description,
        product_class=product_class,
        temp_class=temp_class,
        shelf_life_days=shelf_life_days,
        freight_template=freight_template,
        created_at=now,
        changed_at=now,
        **_origin(origin),
    )
    _add_skus(product, skus, shards=shards, actor=actor, now=now)
    if pictures:
        photos.replace(product.pk, pictures, actor=actor, now=now)
    log_birth(PRODUCT, [product.pk], ProductState.DRAFT, actor=actor, now=now)
    return product


@needs_transaction
def edit(
    product: Product,
    changes: Mapping[str, Any],
    *,
    origin: str | None = None,
    pictures: Sequence[UUID] | None = None,
    actor: Actor,
    now: datetime,
) -> Product:
    """Change what a product says, guarded by the version the caller has read.

    What is on sale must stay fit to be sold.

    Raises:
        ProductChangedMeanwhile: somebody was faster.
        InvalidInput: the shop has no such freight template.
        ProductIncomplete, LicenceMissing: it is on sale and could not be published like this.
        NotFound: a picture is not the actor's, or too old.
    """
    values = {name: value for name, value in changes.items() if name in EDITABLE}
    _require_template(product.shop_id, values.get("freight_template"))
    if origin is not None:
        values |= _origin(origin)
    _touch(product, now, **values)
    if pictures is not None:
        photos.replace(product.pk, pictures, actor=actor, now=now)
    return _shown_anew(product, now=now)


@needs_transaction
def edit_sku(sku: Sku, changes: Mapping[str, Any], *, now: datetime) -> Sku:
    """Change what a SKU costs, weighs or is called, guarded by its product's version.

    Raises:
        ProductChangedMeanwhile: somebody was faster.
        SpecTaken: another SKU of the product has that name.
        InvalidInput: it would weigh less with its packaging than without.
    """
    _touch(sku.product, now)
    values = {name: value for name, value in changes.items() if name in SKU_EDITABLE}
    with refusing(_SKU_REFUSALS):
        Sku.objects.filter(pk=sku.pk).update(**values)
    _shown_anew(sku.product, now=now)
    sku.refresh_from_db(fields=sorted(SKU_EDITABLE))
    return sku


def _require_template(shop_id: int, template: UUID | None) -> None:
    if template is not None and not publication.has_template(shop_id, template):
        raise InvalidInput.at(
            "/freight_template", "UNKNOWN_FREIGHT_TEMPLATE", "The shop has no such template."
        )


def _touch(product: Product, now: datetime, **values: Any) -> None:
    guarded = Product.objects.filter(pk=product.pk, version=product.version)
    if not guarded.update(version=F("version") + 1, changed_at=now, **values):
        raise ProductChangedMeanwhile


def _shown_anew(product: Product, *, now: datetime) -> Product:
    product.refresh_from_db()
    if product.state == ProductState.PUBLISHED:
        publication.require_fit(product, now=now)
        record(
            ProductChanged(product.pk, str(product.reference), product.version),
            now=now,
        )
    cards.prepare([product.pk], now=now)
    return product


def _add_skus(
    product: Product, skus: Sequence[NewSku], *, shards: int, actor: Actor, now: datetime
) -> None:
    quota_ids = opening.open_many(
        [opening.Opening(Kind.STOCK, total=sku.stock, shards=shards) for sku in skus]
    )
    with refusing(_SKU_REFUSALS):
        rows = Sku.objects.bulk_create(
            Sku(
                product=product,
                spec=sku.spec,
                price_fen=sku.price_fen,
                net_weight_g=sku.net_weight_g,
                gross_weight_g=sku.gross_weight_g,
                stock_quota_id=quota_id,
                position=position,
            )
            for position, (sku, quota_id) in enumerate(zip(skus, quota_ids, strict=True))
        )
    StockAdjustment.objects.bulk_create(
        StockAdjustment(
            sku=row,
            change=sku.stock,
            reason=OPENING_REASON,
            actor_id=actor.user_id,
            on_behalf_of_id=actor.on_behalf_of_id,
            at=now,
        )
        for row, sku in zip(rows, skus, strict=True)
        if sku.stock
    )


def _origin(code: str) -> dict[str, str]:
    return {
        "origin_county": code,
        "origin_prefecture": codes.prefecture_of(code),
        "origin_province": codes.province_of(code),
    }
