"""Planning flash sales: what stands in the way, and that a refusal changes nothing."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.audit.actors import SYSTEM
from core.errors import InvalidInput
from core.quotas.selectors import availability
from marketplace.activities.domain import rails
from marketplace.activities.models import Activity
from marketplace.activities.services import activities, flash
from shops.catalogue.services.products import NewSku
from shops.catalogue.services.stock import StockTooLow
from shops.storefronts.models import Shop
from shops.storefronts.selectors.access import ShopNotOpen
from tests.factories.activities import a_flash_sale, an_activity
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def product():
    return a_product(price_fen=3_000, stock=100)


def free_stock(product):
    quota_id = product.skus.order_by("id").first().stock_quota_id
    return availability.left([quota_id])[quota_id]


def test_its_pieces_leave_the_stock_and_it_begins_now_at_the_earliest(product, now):
    sale = a_flash_sale(product, now=now, quantity=30, starts_at=now - HOUR)

    assert (sale.kind, sale.state, sale.starts_at) == ("FLASH", "SCHEDULED", now)
    assert (sale.product, sale.per_user_limit, free_stock(product)) == (product, 1, 70)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"hours": 25}, rails.FlashTooLong),
        ({"price_fen": 2_551}, rails.FlashPriceOutOfRange),
        ({"price_fen": 299}, rails.FlashPriceOutOfRange),
        ({"price_fen": 2_001}, rails.FlashTooLittleOff),
        ({"quantity": 101}, StockTooLow),
        ({"hours": -1}, InvalidInput),
    ],
)
def test_what_is_refused_changes_nothing(product, now, changes, refusal):
    with pytest.raises(refusal):
        a_flash_sale(product, now=now, **changes)

    assert (Activity.objects.count(), free_stock(product)) == (0, 100)


def test_what_is_cheap_anyway_is_not_sold_in_flash_sales(now):
    with pytest.raises(rails.FlashListPriceTooLow):
        a_flash_sale(a_product(price_fen=1_000), now=now, price_fen=500)


def test_the_rails_are_settings(product, now, settings):
    settings.MARKETPLACE_FLASH_HOURS_MAX = 1
    settings.MARKETPLACE_FLASH_OFF_FEN_MIN = 100

    with pytest.raises(rails.FlashTooLong):
        a_flash_sale(product, now=now, hours=2)
    a_flash_sale(product, now=now, hours=1, price_fen=2_500)


def test_a_product_has_one_flash_sale_that_is_not_over(now):
    small, large = NewSku("小", 3_000, 1_000, 1_100, 50), NewSku("大", 5_000, 2_000, 2_100, 50)
    product = a_product(skus=[small, large])
    first, other = product.skus.order_by("id")
    sale = a_flash_sale(product, now=now, sku=first, hours=1)

    # Not even at another time, of another SKU.
    with pytest.raises(activities.FlashSaleExists):
        a_flash_sale(product, now=now, sku=other, starts_at=now + 5 * HOUR, hours=6)

    # Its end counts by the clock, whether or not the sweep came.
    following = a_flash_sale(product, now=now + HOUR, sku=other)
    sale.refresh_from_db()
    assert (sale.state, sale.returned, following.state) == ("ENDED", 10, "SCHEDULED")


def test_one_that_was_ended_makes_room(product, now):
    sale = a_flash_sale(product, now=now)
    with transaction.atomic():
        activities.end(sale, actor=SYSTEM, now=now)

    a_flash_sale(product, now=now, price_fen=1_500)


def test_other_kinds_may_be_planned_beside_it(product, now):
    a_flash_sale(product, now=now, hours=1)

    an_activity(product, now=now, kind="PRICE", starts_at=now + 2 * HOUR, ends_at=now + 3 * HOUR)


def test_it_needs_a_sku_of_the_shop_and_an_open_shop(product, now):
    with pytest.raises(InvalidInput):
        a_flash_sale(product, now=now, shop=a_product().shop)
    Shop.objects.filter(pk=product.shop_id).update(state="SUSPENDED")
    with pytest.raises(ShopNotOpen):
        a_flash_sale(product, now=now)


def test_who_ends_it_ends_it_for_good(product, now):
    sale = a_flash_sale(product, now=now, quantity=30)

    with transaction.atomic():
        activities.end(sale, actor=SYSTEM, now=now, reason="a wrong price")

    sale.refresh_from_db()
    assert (sale.state, sale.ended_at, free_stock(product)) == ("ENDED", now, 100)
    assert flash.rails().longest == timedelta(hours=24)
