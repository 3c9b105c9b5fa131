"""SKUs as quote and placement need them: every fact of a line, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.quotas.models import QuotaShard
from shops.catalogue.domain.goods import ProductState
from shops.catalogue.models import Sku
from shops.storefronts.domain.states import ShopState


@dataclass(frozen=True, slots=True)
class SkuFacts:
    """A SKU with what its product, category and shop say about it at this moment."""

    sku_id: int
    sku_reference: str
    spec: str
    price_fen: int
    net_weight_g: int
    gross_weight_g: int
    stock_quota_id: int
    available: int
    product_id: int
    product_reference: str
    title: str
    product_class: str
    temp_class: str
    category_id: int
    category_path: tuple[int, ...]
    origin_county: str
    origin_prefecture: str
    origin_province: str
    freight_template: str | None
    shop_id: int
    shop_reference: str
    shop_name: str
    shop_slug: str
    shop_fulfilment: str
    commission_bp: int
    is_on_sale: bool
    auto_confirm_hours: int


def skus(references: Sequence[UUID | str]) -> list[SkuFacts]:
    """Return the facts of SKUs, in the order asked for; unknown ones are left out."""
    rows = {str(row.reference): row for row in _complete().filter(reference__in=references)}
    return [_facts(rows[str(wanted)]) for wanted in references if str(wanted) in rows]


def available() -> Coalesce:
    """Return the expression for what is free of a SKU's stock, for a query of SKUs."""
    shards = QuotaShard.objects.filter(quota_id=OuterRef("stock_quota_id")).order_by()
    free = shards.values("quota_id").annotate(free=Sum("total") - Sum("held") - Sum("spent"))
    return Coalesce(Subquery(free.values("free")), 0)


def _complete() -> QuerySet[Sku]:
    return Sku.objects.select_related("product__category", "product__shop").annotate(
        available=available()
    )


def _facts(sku: Sku) -> SkuFacts:
    product = sku.product
    shop = product.shop
    return SkuFacts(
        sku_id=sku.pk,
        sku_reference=str(sku.reference),
        spec=sku.spec,
        price_fen=sku.price_fen,
        net_weight_g=sku.net_weight_g,
        gross_weight_g=sku.gross_weight_g,
        stock_quota_id=sku.stock_quota_id,
        available=sku.available,  # type: ignore[attr-defined]
        product_id=product.pk,
        product_reference=str(product.reference),
        title=product.title,
        product_class=product.product_class,
        temp_class=product.temp_class,
        category_id=product.category_id,
        category_path=tuple(product.category.path),
        origin_county=product.origin_county,
        origin_prefecture=product.origin_prefecture,
        origin_province=product.origin_province,
        freight_template=str(product.freight_template) if product.freight_template else None,
        shop_id=shop.pk,
        shop_reference=str(shop.reference),
        shop_name=shop.name,
        shop_slug=shop.slug,
        shop_fulfilment=shop.fulfilment,
        commission_bp=shop.commission_bp,
        is_on_sale=product.state == ProductState.PUBLISHED and shop.state == ShopState.OPEN,
        auto_confirm_hours=product.category.auto_confirm_hours,
    )
