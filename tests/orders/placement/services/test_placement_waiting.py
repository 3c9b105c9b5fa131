"""Orders that wait for more than their money, with a host that says what it is told to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core import reconciling
from core.audit.actors import SYSTEM, Actor
from core.audit.history import life_of
from core.outbox.models import Message
from core.quotas.selectors import availability
from logistics.parcels.models import Parcel
from orders.payments.models import Refund
from orders.payments.services import refunding
from orders.placement.domain.states import WaitsFor
from orders.placement.models import ShopOrder
from orders.placement.selectors import history
from orders.placement.services import lifecycle, placement, waiting
from orders.reports.selectors import sales
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.orders import a_checkout
from tests.factories.payments import a_payment, call_back
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


class PatientHost:
    """Counts payments up to an instant and remembers what it was told."""

    def __init__(self, until):
        self.until = until
        self.heard = []

    def take_payment(self, order_id, *, paid_at, now):
        self.heard.append(("take_payment", order_id))
        return paid_at < self.until

    def give_up(self, order_id, *, now):
        self.heard.append(("give_up", order_id))

    def leave(self, order_id, *, now):
        self.heard.append(("leave", order_id))


@pytest.fixture
def host(monkeypatch, now):
    host = PatientHost(until=now + timedelta(hours=1))
    monkeypatch.setitem(waiting._hosts, WaitsFor.TEAM, host)
    return host


@pytest.fixture
def product(db):
    return a_product()


@pytest.fixture
def waits(host, product, now):
    """Place an order that waits for its team."""
    buyer = a_user()
    checkout = a_checkout(buyer, [(product, 2)], now=now, waits_for=WaitsFor.TEAM)
    return placed(buyer, checkout, now).order


def placed(buyer, checkout, now):
    with transaction.atomic():
        return placement.place_order(buyer.pk, checkout, actor=Actor(buyer.pk), now=now)


def stands(order):
    order.refresh_from_db()
    (part,) = ShopOrder.objects.filter(order=order)
    return order.state, part.state


def sold_pieces(now):
    day = now.date()
    return sales.total(sales.Days(day, day + timedelta(days=1)), None).pieces


def free_of(product):
    quota_id = product.skus.get().stock_quota_id
    (figures,) = availability.figures([quota_id]).values()
    return figures.total - figures.held - figures.spent


def release(order, now):
    with transaction.atomic():
        return lifecycle.release_to_ship(order.pk, now=now)


def test_a_paid_order_waits_and_is_neither_planned_nor_a_sale(waits, host, now):
    call_back(a_payment(waits, now=now), now=now)
    deliver_all(now)

    assert stands(waits) == ("PAID", "WAIT_TEAM")
    assert host.heard == [("take_payment", waits.pk)]
    assert (waits.sold_at, sold_pieces(now)) == (None, 0)
    assert not Parcel.objects.exists()
    assert not Message.objects.filter(topic="placement.order_paid").exists()


def test_what_is_released_is_planned_and_a_sale_of_that_moment(waits, now):
    call_back(a_payment(waits, now=now), now=now)
    later = now + timedelta(days=1)

    assert release(waits, later)
    deliver_all(later)

    assert stands(waits) == ("PAID", "TO_SHIP")
    assert waits.sold_at == later
    assert (sold_pieces(now), sold_pieces(later)) == (0, 2)
    assert Parcel.objects.count() == 1


def test_releasing_twice_releases_once(waits, now):
    call_back(a_payment(waits, now=now), now=now)

    assert [release(waits, now), release(waits, now)] == [True, False]
    assert Message.objects.filter(topic="placement.order_paid").count() == 1


def test_an_unpaid_order_is_not_released(waits, now):
    assert not release(waits, now)
    assert stands(waits) == ("PENDING_PAYMENT", "PENDING_PAYMENT")


def test_the_providers_time_decides_whenever_the_callback_comes(waits, host, now):
    payment = a_payment(waits, now=now)
    in_time = host.until - timedelta(seconds=1)

    call_back(payment, now=host.until + timedelta(minutes=1), captured_at=in_time.isoformat())

    assert stands(waits) == ("PAID", "WAIT_TEAM")


def test_money_that_its_host_does_not_count_goes_back_and_the_order_is_over(
    waits, host, product, now
):
    payment = a_payment(waits, now=now)

    call_back(payment, now=host.until, captured_at=host.until.isoformat())
    refunding.send_due(now=host.until)

    assert stands(waits) == ("CANCELLED", "CANCELLED")
    assert host.heard == [("take_payment", waits.pk), ("give_up", waits.pk)]
    refund = Refund.objects.get()
    assert (refund.reason, refund.amount_fen) == ("LATE_PAYMENT", waits.payable_fen)
    assert free_of(product) == 100


def test_a_second_payment_of_a_waiting_order_is_a_duplicate_and_the_host_is_not_asked(
    waits, host, now
):
    first, second = (a_payment(waits, now=now, provider=p) for p in ("sandbox", "sandbox_card"))
    call_back(first, now=now)

    call_back(second, now=now)

    assert [fact for fact, _ in host.heard] == ["take_payment"]
    assert Refund.objects.get().reason == "DUPLICATE_PAYMENT"
    assert stands(waits) == ("PAID", "WAIT_TEAM")


def test_the_host_hears_of_an_order_that_is_given_up(waits, host, product, now):
    with transaction.atomic():
        lifecycle.cancel(waits.pk, actor=SYSTEM, now=now)

    assert host.heard == [("give_up", waits.pk)]
    assert free_of(product) == 100


def test_the_host_hears_of_an_order_that_is_undone_while_it_waits(waits, host, product, now):
    call_back(a_payment(waits, now=now), now=now)

    with transaction.atomic():
        lifecycle.close_refunded(waits.pk, actor=SYSTEM, now=now)

    assert host.heard[-1] == ("leave", waits.pk)
    assert stands(waits) == ("CLOSED", "CLOSED")
    assert (free_of(product), sold_pieces(now)) == (100, 0)
    assert not release(waits, now)


def test_an_order_that_costs_nothing_waits_until_its_host_knows_it(host, now, monkeypatch):
    buyer = a_user()
    product = a_product()
    monkeypatch.setattr(placement.Order, "is_free", True)
    checkout = a_checkout(buyer, [(product, 1)], now=now, waits_for=WaitsFor.TEAM)

    before = placed(buyer, checkout, now)

    assert stands(before.order) == ("PENDING_PAYMENT", "PENDING_PAYMENT")
    with transaction.atomic():
        placement.pay_nothing(before, actor=Actor(buyer.pk), now=now)
    assert stands(before.order) == ("PAID", "WAIT_TEAM")


def test_every_step_of_a_part_that_waited_is_written_down(waits, now):
    call_back(a_payment(waits, now=now), now=now)
    release(waits, now)

    (part,) = ShopOrder.objects.filter(order=waits)
    steps = [entry.action for entry in life_of("shop_order", part.pk)]
    assert steps == ["create", "pay_for_team", "release"]


def test_a_shop_that_posts_itself_does_not_learn_who_waits(waits, now):
    ShopOrder.objects.filter(order=waits).update(fulfilment="SELF")
    call_back(a_payment(waits, now=now), now=now)
    before = history.for_seller(ShopOrder.objects.get(order=waits), {}, now)["address"]
    release(waits, now)
    after = history.for_seller(ShopOrder.objects.get(order=waits), {}, now)["address"]

    assert before["phone"] != waits.phone
    assert after["phone"] == waits.phone


def test_an_order_that_waits_for_nothing_is_always_sold_by_being_paid(waits, now):
    paid = "UPDATE placement_order SET waits_for = '', state = 'PAID', paid_at = now()"
    with (
        pytest.raises(IntegrityError, match="without_waiting_is_sold"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(paid)


def test_canary_a_part_that_waits_beside_a_sale_is_found(waits, now):
    call_back(a_payment(waits, now=now), now=now)
    name = "placement.order_stands_where_its_parts_stand"
    assert reconciling.run([name])[0].is_held

    with connection.cursor() as cursor:
        cursor.execute("UPDATE placement_order SET sold_at = paid_at")

    assert not reconciling.run([name])[0].is_held


def test_two_hosts_for_one_kind_of_order_are_a_mistake(host, now):
    with pytest.raises(ValueError, match="two hosts"):
        waiting.attend(WaitsFor.TEAM, PatientHost(now))
