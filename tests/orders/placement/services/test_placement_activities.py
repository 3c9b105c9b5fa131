"""Orders at the price of an activity: priced, frozen, counted, and given back."""

from datetime import timedelta

import pytest
from django.db import transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.quotas.selectors import availability
from marketplace.activities.models import ActivityBuyer
from marketplace.activities.services import activities
from marketplace.activities.services.counting import ActivityUserLimit
from orders.placement.domain import problems
from orders.placement.models import Order, OrderLine
from orders.placement.services import lifecycle, placement
from tests.factories.accounts import a_user
from tests.factories.activities import an_activity
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.orders import a_checkout, an_order, paid_for, place

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def free(quota_id):
    return availability.left([quota_id])[quota_id]


def broken():
    names = ("placement.", "activities.", "quotas.", "catalogue.adjustments")
    asked = [name for name in reconciling.names() if name.startswith(names)]
    return [result.name for result in reconciling.run(asked) if not result.is_held]


def cancel(order, now):
    with transaction.atomic():
        assert lifecycle.cancel(order.pk, actor=SYSTEM, now=now)


@pytest.fixture
def product():
    return a_product(price_fen=1_990, stock=100)


def test_a_flash_sale_prices_freezes_and_draws_on_its_own_pieces(product, now):
    activity = an_activity(product, quantity=10, per_user_limit=3)

    order = an_order(lines=[(product, 2)], now=now)

    line = OrderLine.objects.get()
    assert (line.unit_price_fen, line.list_price_fen, line.sale_fen) == (990, 1_990, 1_980)
    assert (line.activity_reference, line.activity_kind) == (activity.reference, "FLASH")
    assert order.pay_before == now + timedelta(minutes=10)
    assert (free(activity.quota_id), free(activity.sku.stock_quota_id)) == (8, 90)
    assert ActivityBuyer.objects.get().bought == 2
    assert broken() == []


def test_what_is_not_paid_comes_back_to_the_activity_and_to_the_buyer(product, now):
    activity = an_activity(product, quantity=10, per_user_limit=2)
    buyer = a_user()
    order = an_order(buyer, [(product, 2)], now=now)

    cancel(order, now)

    assert free(activity.quota_id) == 10
    assert ActivityBuyer.objects.get().bought == 0
    assert an_order(buyer, [(product, 2)], now=now).payable_fen == 1_980
    assert broken() == []


def test_what_is_not_paid_after_the_end_comes_back_to_the_stock(product, now):
    activity = an_activity(product, quantity=10)
    late = an_order(lines=[(product, 2)], now=now + HOUR - timedelta(minutes=1))
    paid = an_order(lines=[(product, 1)], now=now, paid=True)
    activities.keep_time(now=now + HOUR)
    assert free(activity.sku.stock_quota_id) == 97

    cancel(late, now + HOUR)
    activities.keep_time(now=now + HOUR + activities.LOOK_AGAIN)
    assert free(activity.sku.stock_quota_id) == 99
    activities.keep_time(now=now + 2 * HOUR)
    with transaction.atomic():
        lifecycle.close_refunded(paid.pk, now=now + 3 * HOUR, actor=SYSTEM)
    activities.keep_time(now=now + 3 * HOUR)

    assert (free(activity.quota_id), free(activity.sku.stock_quota_id)) == (0, 100)
    assert broken() == []


def test_a_paid_order_stays_counted(product, now):
    an_activity(product, per_user_limit=2)
    buyer = a_user()
    paid_for(an_order(buyer, [(product, 2)], now=now), now)

    with pytest.raises(ActivityUserLimit):
        an_order(buyer, [(product, 1)], now=now)

    assert Order.objects.count() == 1
    assert broken() == []


def test_sold_out_the_sku_is_sold_at_its_ordinary_price_again(product, now):
    activity = an_activity(product, quantity=2)
    an_order(lines=[(product, 2)], now=now)

    after = an_order(lines=[(product, 1)], now=now)

    assert after.payable_fen == 1_990
    buyer = a_user()
    with pytest.raises(problems.OutOfStock):
        place(buyer, a_checkout(buyer, [(product, 1)], now=now, activity=activity.reference), now)
    with pytest.raises(placement.QuoteStale):
        place(buyer, a_checkout(buyer, [(product, 1)], now=now, expected_payable_fen=990), now)


def test_more_than_is_left_is_out_of_stock(product, now):
    an_activity(product, quantity=2)

    with pytest.raises(problems.OutOfStock) as refused:
        an_order(lines=[(product, 3)], now=now)

    assert refused.value.facts["available"] == 2


def test_a_team_price_is_not_for_one_alone(product, now):
    activity = an_activity(product, kind="GROUP")
    buyer = a_user()
    facts = {"activity": activity.reference, "expected_payable_fen": 990}

    with pytest.raises(placement.NotOnItsOwn):
        place(buyer, a_checkout(buyer, [(product, 1)], now=now, **facts), now)
    together = place(
        buyer, a_checkout(buyer, [(product, 1)], now=now, is_on_its_own=False, **facts), now
    )

    assert OrderLine.objects.get(shop_order__order=together).activity_kind == "GROUP"
    assert together.pay_before == now + timedelta(minutes=15)
    assert an_order(lines=[(product, 1)], now=now).payable_fen == 1_990


def test_an_activity_of_other_goods_is_refused(product, now):
    activity = an_activity(kind="GROUP")
    buyer = a_user()

    with pytest.raises(problems.ActivityNotRunning):
        place(buyer, a_checkout(buyer, [(product, 1)], now=now, activity=activity.reference), now)


@pytest.mark.parametrize(("is_allowed", "payable_fen"), [(False, 990), (True, 890)])
def test_coupons_are_kept_off_activity_prices_unless_they_are_allowed(
    product, now, is_allowed, payable_fen
):
    an_activity(product)
    buyer = a_user()
    terms = {"amount_fen": 100, "threshold_fen": 100, "allow_on_activity_price": is_allowed}
    coupon = a_coupon(buyer, a_batch(product.shop, **terms), now)

    checkout = a_checkout(buyer, [(product, 1)], [coupon], now)

    assert checkout.expected_payable_fen == payable_fen
