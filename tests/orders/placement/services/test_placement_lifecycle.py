import pytest
from django.db import transaction

from core import reconciling
from core.audit.actors import Actor
from core.ledger.selectors import balances
from core.quotas.selectors import availability
from logistics.parcels.models import Parcel
from marketplace.coupons.models import UserCoupon
from orders.placement.models import Order, OrderLine, ShopOrder
from orders.placement.services import lifecycle
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.orders import an_order, paid_for, planned
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(db):
    return a_product(price_fen=30_000, stock=10)


@pytest.fixture
def order(product, now):
    buyer = a_user()
    return an_order(buyer, [(product, 2)], coupons=[a_coupon(buyer, a_batch(), now)], now=now)


def figures_of(product):
    found = availability.figures([product.skus.get().stock_quota_id])
    (figures,) = found.values()
    return (figures.held, figures.spent, figures.free)


def pay(order, now):
    with transaction.atomic():
        return lifecycle.mark_paid(order.pk, provider="sandbox", now=now)


def cancel(order, now):
    with transaction.atomic():
        return lifecycle.cancel(order.pk, actor=Actor(order.buyer_id), now=now)


def close(order, now):
    with transaction.atomic():
        return lifecycle.close_refunded(order.pk, actor=Actor(order.buyer_id), now=now)


def broken():
    names = [name for name in reconciling.names() if name.startswith(("placement.", "quotas."))]
    return [result for result in reconciling.run(names) if not result.is_held]


def test_being_paid_spends_the_stock_once(order, product, now):
    assert [pay(order, now), pay(order, now)] == [True, False]

    assert figures_of(product) == (0, 2, 8)
    assert balances.balance_of("PROVIDER_CLEARING", "sandbox") == 57_000
    assert set(ShopOrder.objects.values_list("state", flat=True)) == {"PAID"}
    assert broken() == []


def test_cancelling_gives_stock_and_coupon_back_once(order, product, now):
    assert [cancel(order, now), cancel(order, now)] == [True, False]

    assert figures_of(product) == (0, 0, 10)
    order.refresh_from_db()
    assert (order.state, order.cancelled_at, order.next_attempt_at) == ("CANCELLED", now, None)
    assert set(ShopOrder.objects.values_list("state", flat=True)) == {"CANCELLED"}
    assert broken() == []


def test_a_paid_order_is_never_cancelled_and_a_cancelled_one_never_paid(order, product, now):
    other = an_order(lines=[(product, 1)], now=now)
    pay(order, now)
    cancel(other, now)

    assert cancel(order, now) is False
    assert pay(other, now) is False

    assert dict(Order.objects.values_list("pk", "state")) == {
        order.pk: "PAID",
        other.pk: "CANCELLED",
    }
    assert broken() == []


def test_undoing_a_paid_order_gives_everything_back_once(order, product, now):
    pay(order, now)

    assert [close(order, now), close(order, now)] == [True, False]

    assert figures_of(product) == (0, 0, 10)
    assert balances.balance_of("REFUND_CLEARING", "sandbox") == -57_000
    assert sum(balances.balances("SHOP_PAYABLE").values()) == 0
    assert sum(balances.balances("SUBSIDY").values()) == 0
    line = OrderLine.objects.get()
    assert (line.refunded_quantity, line.refunded_fen) == (2, line.paid_fen)
    assert broken() == []


def test_an_unpaid_order_is_not_undone(order, now):
    assert close(order, now) is False
    assert order.state == "PENDING_PAYMENT"


def test_what_a_carrier_has_cannot_be_undone(order, product, now):
    planned(paid_for(order, now), now)
    Parcel.objects.update(handed_over_at=now, state="COLLECTED", waybill_no="SF1", booked_at=now)

    with pytest.raises(lifecycle.AlreadyHandedOver):
        close(order, now)

    order.refresh_from_db()
    assert order.state == "PAID"
    assert figures_of(product) == (0, 2, 8)
    assert broken() == []


def test_an_order_undone_before_the_workers_came_is_not_planned(order, now):
    pay(order, now)
    close(order, now)

    deliver_all(now)

    assert Parcel.objects.count() == 0
    assert set(ShopOrder.objects.values_list("state", flat=True)) == {"CLOSED"}


def test_after_undoing_the_coupon_can_be_used_again(order, product, now):
    pay(order, now)
    close(order, now)
    coupon = UserCoupon.objects.get()

    again = an_order(order.buyer, [(product, 1)], coupons=[coupon], now=now)

    coupon.refresh_from_db()
    assert (coupon.state, coupon.order_reference) == ("LOCKED", again.reference)
