from datetime import timedelta

import pytest

from core import reconciling
from core.audit.history import life_of
from core.errors import IllegalTransition, NotFound
from core.ledger.selectors import balances
from core.quotas.models import QuotaHold
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.models import Parcel
from logistics.parcels.services import tracking
from orders.placement.models import Order, ShopOrder
from orders.placement.services import books, completion
from shops.catalogue.models import ProductCard
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_category, a_product
from tests.factories.example_a import example_a
from tests.factories.orders import a_checkout as checkout_of
from tests.factories.orders import an_order, completed, paid_for, place
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


def report(parcel, state, at):
    tracking.hear(str(parcel.reference), [Scan(key=f"{state}{at:%s}", state=state, at=at)], now=at)
    deliver_all(at)


def collect(parcel, at):
    report(parcel, ParcelState.COLLECTED, at)


def sign(parcel, at):
    report(parcel, ParcelState.SIGNED, at)


def paid_and_planned(lines, now, buyer=None):
    order = an_order(buyer, lines, paid=True, now=now)
    deliver_all(now)
    return order


def state_of(part):
    part.refresh_from_db()
    return part.state


def broken():
    names = [name for name in reconciling.names() if name.startswith(("placement.", "quotas."))]
    return [result for result in reconciling.run(names) if not result.is_held]


@pytest.fixture
def two_parcels(now):
    shop = open_shop()
    cool = a_product(shop, temp_class="CHILLED")
    order = paid_and_planned([(a_product(shop), 2), (cool, 1)], now)
    part = order.shop_orders.get()
    return part, list(Parcel.objects.order_by("part"))


def test_a_paid_order_is_planned_by_the_workers_one_parcel_for_each_temperature(two_parcels):
    part, parcels = two_parcels

    assert state_of(part) == "TO_SHIP"
    assert sorted(parcel.temp_class for parcel in parcels) == ["AMBIENT", "CHILLED"]
    assert {parcel.recipient for parcel in parcels} == {part.order.recipient}
    assert sum(parcel.gross_g for parcel in parcels) == 3 * 5_500


def test_a_shop_order_follows_its_parcels(two_parcels, now):
    part, (first, second) = two_parcels

    seen = []
    for step, parcel in ((collect, first), (collect, second), (sign, first), (sign, second)):
        step(parcel, now + timedelta(hours=len(seen)))
        seen.append(state_of(part))

    assert seen == ["PARTLY_SHIPPED", "SHIPPED", "SHIPPED", "SIGNED"]
    assert part.signed_at == now + timedelta(hours=3)
    assert part.confirm_at == part.signed_at + timedelta(hours=48)


def test_a_signature_without_a_collection_still_moves_everything(two_parcels, now):
    part, (first, second) = two_parcels

    sign(second, now)
    sign(first, now)

    assert state_of(part) == "SIGNED"
    actions = [step.action for step in life_of("shop_order", part.pk)]
    assert actions == ["create", "pay", "plan", "ship_part", "ship", "sign"]


def test_the_first_parcel_frees_what_the_coupons_did_not_need(now):
    market = example_a()
    lines = [(market.goods["B1"], 3)]
    coupons = [market.platform_coupon]
    order = place(market.buyer, checkout_of(market.buyer, lines, coupons, now), now)
    paid_for(order, now)
    deliver_all(now)
    (hold,) = QuotaHold.objects.filter(owner__startswith="coupon:", spent__gt=0)
    assert (hold.held, hold.spent) == (0, 2_100)

    collect(Parcel.objects.get(), now)

    market.platform_coupon.refresh_from_db()
    assert market.platform_coupon.settled_at == now
    assert broken() == []


def test_the_buyers_receipt_completes_and_books_the_commission_of_example_a(now):
    market = example_a()
    lines = [
        (market.goods[name], count) for name, count in (("A1", 3), ("A2", 1), ("B1", 2), ("B2", 1))
    ]
    coupons = [market.shop_coupon, market.platform_coupon]
    order = place(market.buyer, checkout_of(market.buyer, lines, coupons, now), now)
    paid_for(order, now)
    deliver_all(now)
    for parcel in Parcel.objects.order_by("pk"):
        sign(parcel, now)
    first, second = ShopOrder.objects.order_by("pk")

    completed(first, now)

    order.refresh_from_db()
    assert order.state == "PAID"
    completed(second, now)
    order.refresh_from_db()
    assert (order.state, order.completed_at) == ("COMPLETED", now)
    owners = [str(shop.reference) for shop in market.shops]
    assert [
        balances.entry_postings("SHOP_ORDER_COMPLETED", str(part.reference))
        for part in (first, second)
    ] == [
        {("SHOP_PAYABLE", owners[0]): 145, ("PLATFORM_REVENUE", ""): -145},
        {("SHOP_PAYABLE", owners[1]): 280, ("PLATFORM_REVENUE", ""): -280},
    ]
    assert [balances.balance_of("SHOP_PAYABLE", owner) for owner in owners] == [-7_084, -13_740]
    assert balances.balance_of("PLATFORM_REVENUE", "") == -425
    deliver_all(now)
    assert ProductCard.objects.get(product=market.goods["A1"]).sold == 3
    assert broken() == []


def test_what_was_not_signed_for_cannot_be_received(now):
    order = paid_and_planned([(a_product(), 1)], now)
    part = order.shop_orders.get()

    with pytest.raises(IllegalTransition):
        completed(part, now)

    assert state_of(part) == "TO_SHIP"


def test_nobody_else_can_receive_an_order(now):
    part = an_order(now=now).shop_orders.get()

    with pytest.raises(NotFound):
        completion.receive(
            buyer_id=a_user().pk, shop_order_reference=part.reference, actor=None, now=now
        )


@pytest.mark.parametrize(
    ("category", "product_class", "hours"),
    [("citrus", "RAW_PRODUCE", 48), ("rice", "RAW_PRODUCE", 168)],
)
def test_what_nobody_objects_to_completes_by_itself(now, category, product_class, hours):
    product = a_product(category=a_category(category), product_class=product_class)
    order = paid_and_planned([(product, 1)], now)
    sign(Parcel.objects.get(), now)
    part = order.shop_orders.get()
    before = now + timedelta(hours=hours) - timedelta(seconds=1)

    assert completion.complete_due(now=before) == 0
    assert completion.complete_due(now=now + timedelta(hours=hours)) == 1
    assert completion.complete_due(now=now + timedelta(hours=hours)) == 0

    assert state_of(part) == "COMPLETED"
    assert Order.objects.get().state == "COMPLETED"
    assert broken() == []


def test_one_that_cannot_be_completed_backs_off_and_does_not_block_the_others(now, monkeypatch):
    broken_order, sound = (paid_and_planned([(a_product(), 1)], now) for _ in range(2))
    for parcel in Parcel.objects.order_by("pk"):
        sign(parcel, now)
    bad, good = broken_order.shop_orders.get(), sound.shop_orders.get()
    due = ShopOrder.objects.get(pk=bad.pk).confirm_at
    post_completed = books.post_completed

    def failing(ids, **facts):
        if bad.pk in ids:
            raise RuntimeError("a bug")
        post_completed(ids, **facts)

    monkeypatch.setattr(books, "post_completed", failing)

    assert completion.complete_due(now=due) == 1
    assert (state_of(good), state_of(bad)) == ("COMPLETED", "SIGNED")
    assert (bad.attempts, bad.next_attempt_at) == (1, due + completion.BACKOFF.first)
    for day in range(1, completion.ATTEMPTS_MAX):
        completion.complete_due(now=due + timedelta(days=day))
    bad.refresh_from_db()
    assert (bad.state, bad.next_attempt_at) == ("SIGNED", None)

    monkeypatch.undo()
    assert completion.rerun([bad.pk], now=due) == 1
    assert completion.complete_due(now=due) == 1
    assert state_of(bad) == "COMPLETED"


def test_goods_that_last_give_the_whole_parcel_their_longer_time(now):
    shop = open_shop()
    fresh, lasting = a_product(shop), a_product(shop, category=a_category("rice"))

    order = an_order(lines=[(fresh, 1), (lasting, 1)], now=now)

    assert order.shop_orders.get().confirm_minutes == 168 * 60


def test_a_market_day_can_shorten_the_time_to_object(now, settings):
    settings.MARKETPLACE_CONFIRM_MINUTES_MAX = 1

    order = an_order(now=now)

    assert order.shop_orders.get().confirm_minutes == 1


def test_delivered_twice_a_report_moves_nothing_twice(two_parcels, now):
    part, (first, _) = two_parcels
    collect(first, now)

    collect(first, now)

    assert state_of(part) == "PARTLY_SHIPPED"
    assert len(life_of("shop_order", part.pk)) == 4
