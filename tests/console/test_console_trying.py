"""What a basket would pay, on a page that writes nothing."""

import pytest
from django.urls import reverse

from core.accounts.domain.roles import Role
from marketplace.coupons.models import UserCoupon
from orders.placement.models import Order
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.support import desk

pytestmark = pytest.mark.django_db
DIRECT = {"kind": "DIRECT", "threshold_fen": None, "amount_fen": 500}


@pytest.fixture
def manager():
    return desk.seat(desk.staff(Role.CAMPAIGN_MANAGER))


def asked(browser, product, quantity=2, **said):
    sku = product.skus.get()
    facts = {"lines": f"{sku.reference} {quantity}", "county": "310101"} | said
    return browser.post(reverse("admin:tool_basket-price"), facts).content.decode()


def test_a_basket_is_priced_with_a_batch_that_nobody_has_claimed(manager):
    product, batch = a_product(price_fen=1_990), a_batch(**DIRECT)

    plain = asked(manager, product)
    cheaper = asked(manager, product, batches=str(batch.reference))

    assert "¥39.80" in plain
    assert "-¥5.00" in cheaper
    assert "¥34.80" in cheaper
    assert (UserCoupon.objects.count(), Order.objects.count()) == (0, 0)


def test_a_buyers_own_coupon_is_tried_and_what_does_not_count_says_why(manager, now):
    product, user = a_product(price_fen=1_990), a_user()
    coupon = a_coupon(user, a_batch(**DIRECT))
    above = a_batch()

    own = asked(manager, product, buyer=str(user.reference), coupons=str(coupon.reference))
    short = asked(manager, product, batches=str(above.reference))
    foreign = asked(manager, product, coupons=str(coupon.reference))

    assert "¥34.80" in own
    assert "COUPON_BELOW_THRESHOLD" in short
    assert "NOT_FOUND" in foreign


def test_what_cannot_be_read_comes_back_at_its_field(manager):
    product = a_product()

    assert "不是有效编号" in asked(manager, product, lines="orange 2")
    assert "不是有效数量" in asked(manager, product, quantity="many")
    assert "没有名为" in asked(manager, product, county="Nirgendwo")
    assert "NOT_FOUND" in asked(manager, product, buyer="00000000-0000-4000-8000-000000000000")


def test_it_is_nobody_elses_work():
    browser = desk.seat(desk.staff(Role.REVIEWER))

    assert browser.get(reverse("admin:tool_basket-price")).status_code == 403
    assert "试算购物车" not in browser.get("/admin/").content.decode()
