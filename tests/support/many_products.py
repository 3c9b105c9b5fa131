"""Thousands of published products with their cards, by bulk inserts: for plans and long walks."""

from datetime import timedelta

from shops.catalogue.models import Product, ProductCard
from tests.factories.catalogue import LISTED, a_category
from tests.factories.storefronts import open_shop

COUNTIES = ("420527", "420529", "422823", "420281", "421087", "510184", "350181", "500101")
CATEGORIES = ("citrus", "kiwifruit", "eggs", "rice", "fish")


def many_products(count: int) -> list[int]:
    """Create so many listed cards from eight counties and five categories; return their keys."""
    shop = open_shop()
    categories = [a_category(slug) for slug in CATEGORIES]
    products = Product.objects.bulk_create(
        Product(
            shop=shop,
            title=f"产品{number}",
            category=categories[number % len(categories)],
            product_class="RAW_PRODUCE",
            temp_class="AMBIENT",
            origin_county=(county := COUNTIES[number * 7 % len(COUNTIES)]),
            origin_prefecture=f"{county[:4]}00",
            origin_province=f"{county[:2]}0000",
            state="PUBLISHED",
            created_at=LISTED,
            changed_at=LISTED,
            published_at=LISTED + timedelta(seconds=number // 3),
        )
        for number in range(count)
    )
    ProductCard.objects.bulk_create(
        ProductCard(
            product=product,
            shop=shop,
            category=product.category,
            origin_county=product.origin_county,
            origin_prefecture=product.origin_prefecture,
            origin_province=product.origin_province,
            price_from_fen=100 + number * 37 % 5_000,
            sold=number * 13 % 400,
            published_at=product.published_at,
            version=1,
            body={
                "id": str(product.reference),
                "title": product.title,
                "cover_url": None,
                "price_from_fen": 100 + number * 37 % 5_000,
                "unit_price": None,
                "origin": {"code": product.origin_county, "name": ""},
                "shop": {"id": str(shop.reference), "slug": shop.slug, "name": shop.name},
                "badges": [],
            },
        )
        for number, product in enumerate(products)
    )
    return [product.pk for product in products]
