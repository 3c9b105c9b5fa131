"""Many at once: one basket, one coupon, the last piece, paying and cancelling, two parts ending."""

from functools import partial

import pytest
from django.db import OperationalError, transaction

from core import reconciling
from core.audit.actors import SYSTEM, Actor
from core.quotas.selectors import availability
from core.transactions import entry
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.models import Parcel
from logistics.parcels.services import tracking
from marketplace.coupons.services import redemption
from orders.baskets.models import BasketLine
from orders.baskets.selectors import baskets as shown_baskets
from orders.baskets.services import baskets
from orders.placement.models import Order
from orders.placement.services import completion, lifecycle, placement, writing
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.orders import a_checkout, an_order
from tests.factories.storefronts import open_shop
from tests.support.meeting import Meeting
from tests.support.outbox import deliver_all
from tests.support.slow_locks import lock_slowly

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def buying(buyer, checkout, now):
    return partial(entry(placement.place_order), buyer.pk, checkout, actor=Actor(buyer.pk), now=now)


def broken():
    names = [name for name in reconciling.names() if name.startswith(("placement.", "quotas."))]
    return [result.name for result in reconciling.run(names) if not result.is_held]


# --- One basket in two tabs -----------------------------------------------------------------------


def order_one_basket_twice(at_once, now):
    buyer, product = a_user(), a_product(price_fen=1_990)
    with transaction.atomic():
        sku = product.skus.get().reference
        baskets.put(buyer.pk, sku, 2, check=lambda _: None, now=now)
    basket = shown_baskets.of_owner(buyer.pk)
    checkout = placement.Checkout(an_address(buyer).reference, 3_980, basket=basket)
    return at_once(*[buying(buyer, checkout, now)] * 2)


def test_one_basket_is_ordered_by_one_of_two_tabs(at_once, now):
    outcomes = order_one_basket_twice(at_once, now)

    assert kinds(outcomes) == ["BasketOrdered", "Placed"]
    assert Order.objects.count() == 1
    assert BasketLine.objects.count() == 0
    assert broken() == []


def test_canary_a_basket_without_its_version_is_ordered_twice(at_once, now, monkeypatch):
    original = writing.Ordered
    monkeypatch.setattr(writing, "Ordered", lambda basket, **facts: original(**facts))
    monkeypatch.setattr(baskets, "empty", lambda *_, **__: None)

    assert kinds(order_one_basket_twice(at_once, now)) == ["Placed", "Placed"]


# --- One coupon in two orders ---------------------------------------------------------------------


def use_one_coupon_twice(at_once, now):
    buyer, product = a_user(), a_product(price_fen=30_000)
    coupon = a_coupon(buyer, a_batch(), now)
    checkout = a_checkout(buyer, [(product, 1)], [coupon], now)
    return at_once(*[buying(buyer, checkout, now)] * 2)


def test_one_coupon_lowers_one_of_two_orders(at_once, now):
    outcomes = use_one_coupon_twice(at_once, now)

    assert kinds(outcomes) == ["CouponNotUsable", "Placed"]
    assert Order.objects.count() == 1
    assert broken() == []


def test_canary_a_coupon_that_is_not_locked_lowers_both_orders(at_once, now, monkeypatch):
    monkeypatch.setattr(redemption, "lock", lambda *_, **__: None)

    assert kinds(use_one_coupon_twice(at_once, now)) == ["Placed", "Placed"]
    assert "placement.coupons_stand_where_their_order_stands" in broken()


# --- The last piece -------------------------------------------------------------------------------


def eight_want_the_last_one(at_once, now, shards):
    product = a_product(stock=1, shards=shards)
    calls = []
    for _ in range(8):
        buyer = a_user()
        calls.append(buying(buyer, a_checkout(buyer, [(product, 1)], now=now), now))
    return product, at_once(*calls)


@pytest.mark.parametrize("shards", [1, 16])
def test_the_last_piece_goes_to_one_of_eight_buyers(at_once, now, shards):
    product, outcomes = eight_want_the_last_one(at_once, now, shards)

    assert kinds(outcomes) == ["OutOfStock"] * 7 + ["Placed"]
    quota_id = product.skus.get().stock_quota_id
    assert availability.left([quota_id]) == {quota_id: 0}
    assert Order.objects.count() == 1
    assert broken() == []


def test_canary_without_holding_stock_everybody_orders_the_last_piece(at_once, now, monkeypatch):
    monkeypatch.setattr(placement, "_hold_stock", lambda *_: None)

    _, outcomes = eight_want_the_last_one(at_once, now, 1)

    assert kinds(outcomes).count("Placed") > 1
    assert "placement.orders_explain_stock" in broken()


# --- Two carts with the same goods, the other way round -------------------------------------------


def buy_in_opposite_order(at_once, now):
    shop = open_shop()
    first, second = a_product(shop), a_product(shop)
    carts = ([(first, 1), (second, 1)], [(second, 1), (first, 1)])
    calls = []
    for cart in carts:
        buyer = a_user()
        checkout = a_checkout(buyer, cart, now=now)
        call = partial(placement.place_order, buyer.pk, checkout, actor=Actor(buyer.pk), now=now)
        calls.append(transaction.atomic(call))
    return at_once(*calls)


def test_two_carts_with_the_same_goods_the_other_way_round_both_get_them(at_once, now, monkeypatch):
    lock_slowly(monkeypatch, in_lock_order=True)

    assert kinds(buy_in_opposite_order(at_once, now)) == ["Placed", "Placed"]
    assert broken() == []


def test_canary_without_the_lock_order_the_two_carts_deadlock(at_once, now, monkeypatch):
    lock_slowly(monkeypatch, in_lock_order=False)

    outcomes = buy_in_opposite_order(at_once, now)

    assert any(isinstance(outcome, OperationalError) for outcome in outcomes)


# --- Paid and cancelled at the same instant -------------------------------------------------------


def pay_and_cancel(at_once, now):
    order = an_order(now=now)
    pay = partial(entry(lifecycle.mark_paid), order.pk, provider="sandbox", now=now)
    cancel = partial(entry(lifecycle.cancel), order.pk, actor=SYSTEM, now=now)
    return at_once(pay, cancel, pay, cancel)


def test_an_order_is_paid_or_cancelled_by_exactly_one(at_once, now):
    outcomes = pay_and_cancel(at_once, now)

    assert sorted(outcomes) == [False, False, False, True]
    paid_first, cancelled_first = outcomes[0] or outcomes[2], outcomes[1] or outcomes[3]
    assert Order.objects.get().state == ("PAID" if paid_first else "CANCELLED")
    assert paid_first != cancelled_first
    assert broken() == []


def test_canary_an_advance_that_does_not_compare_lets_several_through(at_once, now, monkeypatch):
    def unguarded(rows, machine, action, *, actor, now, reason="", **changes):
        (target,) = set(machine.moves_of(action).values())
        rows.update(state=target, **changes)
        return list(rows.values_list("pk", flat=True))

    monkeypatch.setattr(lifecycle, "advance", unguarded)

    outcomes = pay_and_cancel(at_once, now)

    assert [type(outcome) for outcome in outcomes].count(bool) < 4 or sum(outcomes) > 1


# --- Two parts of one order ending at the same instant --------------------------------------------


def receive_both_parts(at_once, now):
    buyer = a_user()
    order = an_order(buyer, [(a_product(), 1), (a_product(), 1)], paid=True, now=now)
    deliver_all(now)
    for parcel in Parcel.objects.order_by("pk"):
        scan = Scan(key="signed", state=ParcelState.SIGNED, at=now)
        tracking.hear(str(parcel.reference), [scan], now=now)
    deliver_all(now)
    calls = [
        partial(
            entry(completion.receive),
            buyer_id=buyer.pk,
            shop_order_reference=part.reference,
            actor=Actor(buyer.pk),
            now=now,
        )
        for part in order.shop_orders.order_by("pk")
    ]
    outcomes = at_once(*calls)
    order.refresh_from_db()
    return order, outcomes


def test_the_last_part_to_end_ends_the_order_even_when_both_end_at_once(at_once, now):
    order, outcomes = receive_both_parts(at_once, now)

    assert outcomes == [None, None]
    assert order.state == "COMPLETED"
    assert broken() == []


def test_canary_without_the_orders_lock_both_parts_leave_it_open(at_once, now, monkeypatch):
    monkeypatch.setattr(completion, "_lock", lambda order_ids, **_: list(order_ids))
    # The last thing before they commit.
    monkeypatch.setattr(completion, "record", Meeting(2).after(completion.record))

    order, outcomes = receive_both_parts(at_once, now)

    assert outcomes == [None, None]
    assert order.state == "PAID"
    assert "placement.order_stands_where_its_parts_stand" in broken()


# --- The due-service and the buyer ----------------------------------------------------------------


def test_a_receipt_and_the_due_service_complete_a_part_once(at_once, now):
    buyer = a_user()
    order = an_order(buyer, paid=True, now=now)
    deliver_all(now)
    scan = Scan(key="signed", state=ParcelState.SIGNED, at=now)
    tracking.hear(str(Parcel.objects.get().reference), [scan], now=now)
    deliver_all(now)
    part = order.shop_orders.get()
    receive = partial(
        entry(completion.receive),
        buyer_id=buyer.pk,
        shop_order_reference=part.reference,
        actor=Actor(buyer.pk),
        now=part.confirm_at,
    )
    sweep = partial(completion.complete_due, now=part.confirm_at)

    outcomes = at_once(receive, sweep, receive, sweep)

    completions = sum(outcome == 1 or outcome is None for outcome in outcomes)
    assert completions == 1, outcomes
    assert broken() == []
