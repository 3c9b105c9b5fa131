"""Marks of brands on products: only a shop that is authorised puts one on, on goods that fit."""

from datetime import datetime
from typing import Any

from django.db import connection

from core.audit.actors import Actor
from core.errors import DomainError, NotFound
from core.transactions import needs_transaction
from marketplace.sections.models import BrandAuthorisation, BrandMark, RegionalBrand
from shops.catalogue.models import Product
from shops.catalogue.selectors import tree


class MarkNotAuthorised(DomainError):
    """This shop may not use the mark of this brand."""

    code = "MARK_NOT_AUTHORISED"
    zh = "店铺未获得该品牌的使用授权。"


class MarkDoesNotFit(DomainError):
    """The mark of this brand is for goods of another county or category."""

    code = "MARK_DOES_NOT_FIT"
    zh = "商品的产地或品类不符合该品牌的使用范围。"
    status = 422


# The authorisation is asked, and kept from being ended meanwhile, by the statement that marks.
_MARK = """
    INSERT INTO sections_brandmark (product_id, authorisation_id, marked_by_id, marked_at)
    SELECT product.id, held.id, %(by)s, %(now)s
    FROM sections_brandauthorisation AS held
    JOIN sections_regionalbrand AS brand ON brand.id = held.brand_id AND brand.state = 'ACTIVE'
    JOIN catalogue_product AS product
        ON product.shop_id = held.shop_id AND product.origin_county = brand.county
    WHERE held.ended_at IS NULL AND product.id = %(product)s AND brand.id = %(brand)s
        AND product.category_id = ANY(%(categories)s::bigint[])
    FOR SHARE OF held
    ON CONFLICT (product_id) DO UPDATE SET authorisation_id = excluded.authorisation_id,
        marked_by_id = excluded.marked_by_id, marked_at = excluded.marked_at
    RETURNING id
"""


@needs_transaction
def put_on(product: Product, brand: RegionalBrand, *, actor: Actor, now: datetime) -> BrandMark:
    """Let a product bear a brand's mark, in the place of any other.

    Raises:
        MarkNotAuthorised: the product's shop may not use it.
        MarkDoesNotFit: it is for goods of another county or category.
    """
    given: dict[str, Any] = {
        "product": product.pk,
        "brand": brand.pk,
        "by": actor.user_id,
        "now": now,
        "categories": tree.below(tree.by_id(brand.category_id)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MARK, given)
        row = cursor.fetchone()
    if row is not None:
        return BrandMark.objects.select_related("authorisation__brand").get(pk=row[0])
    held = BrandAuthorisation.objects.filter(brand=brand, shop=product.shop_id, ended_at=None)
    if not held.exists():
        raise MarkNotAuthorised(brand=str(brand.reference))
    raise MarkDoesNotFit(brand=str(brand.reference), county=brand.county)


@needs_transaction
def take_off(product: Product) -> None:
    """Let a product bear no mark.

    Raises:
        NotFound: it bears none.
    """
    if not BrandMark.objects.filter(product=product).delete()[0]:
        raise NotFound(subject="mark")


@needs_transaction
def take_off_where_wrong(product_id: int) -> None:
    """Take the mark off a product that has come to be of another county or category."""
    marked = BrandMark.objects.filter(product_id=product_id)
    mark = marked.select_related("authorisation__brand", "product").first()  # One product, one.
    if mark is None:
        return
    brand = mark.authorisation.brand
    fitting = tree.below(tree.by_id(brand.category_id))
    if mark.product.origin_county != brand.county or mark.product.category_id not in fitting:
        marked.delete()
