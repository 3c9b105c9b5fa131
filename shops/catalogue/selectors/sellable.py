"""SKUs as quote and placement need them: every fact of a line, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from core.quotas.models import QuotaShard


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


# In the order of the fields of `SkuFacts`. Behind a subselect the length of a list says nothing to
# the planner, so that the plan is made once instead of at every call; so in every hot statement.
_FACTS = """
    SELECT sku.id, sku.reference::text, sku.spec, sku.price_fen, sku.net_weight_g,
        sku.gross_weight_g, sku.stock_quota_id,
        coalesce((
            SELECT sum(total - held - spent) FROM quotas_quotashard AS shard
            WHERE shard.quota_id = sku.stock_quota_id
        ), 0)::bigint,
        product.id, product.reference::text, product.title, product.product_class,
        product.temp_class, product.category_id,
        ARRAY(SELECT jsonb_array_elements_text(category.path)::bigint),
        product.origin_county, product.origin_prefecture, product.origin_province,
        product.freight_template::text, shop.id, shop.reference::text, shop.name, shop.slug,
        shop.fulfilment, shop.commission_bp,
        product.state = 'PUBLISHED' AND shop.state = 'OPEN', category.auto_confirm_hours
    FROM catalogue_sku AS sku
    JOIN catalogue_product AS product ON product.id = sku.product_id
    JOIN catalogue_category AS category ON category.id = product.category_id
    JOIN storefronts_shop AS shop ON shop.id = product.shop_id
    WHERE sku.reference = ANY((SELECT %s::uuid[])::uuid[])
"""


def skus(references: Sequence[UUID | str]) -> list[SkuFacts]:
    """Return the facts of SKUs, in the order asked for; unknown ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [[str(reference) for reference in references]])
        found = [_facts(*row) for row in cursor.fetchall()]
    by_reference = {facts.sku_reference: facts for facts in found}
    return [by_reference[str(one)] for one in references if str(one) in by_reference]


def _facts(*row: Any) -> SkuFacts:
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    return SkuFacts(*values)


def available() -> Coalesce:
    """Return the expression for what is free of a SKU's stock, for a query of SKUs."""
    shards = QuotaShard.objects.filter(quota_id=OuterRef("stock_quota_id")).order_by()
    free = shards.values("quota_id").annotate(free=Sum("total") - Sum("held") - Sum("spent"))
    return Coalesce(Subquery(free.values("free")), 0)
