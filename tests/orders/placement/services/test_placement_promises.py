"""By when a shop has to send: frozen at placement, begun by the release, stopped by holds."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.audit.actors import SYSTEM, Actor
from core.console import figures
from logistics.freight.domain.holding import HoldKind
from logistics.freight.domain.tariff import ChargeBy, Mode, Tariff
from logistics.freight.models import FreightTemplate
from logistics.freight.services import holding
from orders.placement.models import ShopOrder
from orders.placement.selectors import history, promises, shown
from orders.placement.services import placement
from orders.presales.services import timing
from tests.factories.accounts import a_staff, a_user, an_address, bearer
from tests.factories.catalogue import a_product
from tests.factories.freight import a_hold, a_template
from tests.factories.groupbuys import TEN, a_group_buy, joined, opened
from tests.factories.groupbuys import paid as pay_seat
from tests.factories.orders import a_checkout, an_order, paid_for, place, planned
from tests.factories.presales import (
    SHIP_FROM,
    WHOLE,
    a_presale,
    preordered,
    with_balance,
)
from tests.factories.presales import TEN as ORDERED
from tests.factories.presales import paid as pay_instalment
from tests.factories.storefronts import open_shop
from tests.support import desk
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WUHAN, SHANGHAI = "420102", "310101"
FOR_NOTHING = Tariff(ChargeBy.WEIGHT, Mode.FREE)


def sent_to(region, product, now):
    """Return a paid order of one piece, sent to a county."""
    buyer = a_user()
    address = an_address(buyer, region=region).reference
    return paid_for(
        place(buyer, a_checkout(buyer, [(product, 1)], now=now, address=address), now), now
    )


def part_of(order):
    return ShopOrder.objects.get(order=order)


def due(order):
    """Return by when its shop has to send an order's only part."""
    part = history.shop_order(buyer_id=order.buyer_id, reference=part_of(order).reference)
    return promises.of_parts([part]).get(part.pk)


def lift(hold, now):
    with transaction.atomic():
        holding.lift(hold, reason="解封", actor=SYSTEM, now=now)


# --- What is promised -----------------------------------------------------------------------------


def test_the_longest_promise_of_the_templates_is_frozen_for_each_shop(now):
    shop, other = open_shop(), open_shop()
    goods = [
        (a_product(owner, freight_template=a_template(owner, FOR_NOTHING, "", hours).reference), 1)
        for owner, hours in ((shop, 24), (shop, 72), (other, 12))
    ]
    plain = a_product()
    order = an_order(lines=[*goods, (plain, 1)], now=now)

    FreightTemplate.objects.update(promise_hours=1)

    hours = dict(ShopOrder.objects.filter(order=order).values_list("shop", "promise_hours"))
    assert hours == {shop.pk: 72, other.pk: 12, plain.shop_id: 48}


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"promise_hours": 0}, "promises_a_time"),
        ({"state": "PENDING_PAYMENT", "paid_at": None}, "released_was_paid"),
        ({"released_at": None}, "planned_was_released"),
    ],
)
def test_the_database_refuses_a_clock_that_cannot_be(now, changes, constraint):
    part = part_of(planned(an_order(paid=True, now=now), now))

    with pytest.raises(IntegrityError, match=f"placement_shoporder_{constraint}"):
        ShopOrder.objects.filter(pk=part.pk).update(**changes)


# --- When the clock begins ------------------------------------------------------------------------


def test_it_runs_from_the_payment_where_nothing_else_is_waited_for(now):
    order = an_order(now=now)
    assert (part_of(order).released_at, due(order)) == (None, None)

    paid_for(order, now + HOUR)

    assert (part_of(order).released_at, due(order)) == (now + HOUR, now + 49 * HOUR)


def test_an_order_that_costs_nothing_tells_its_deadline_when_it_is_placed(now, monkeypatch):
    buyer = a_user()
    monkeypatch.setattr(placement.Order, "is_free", True)
    checkout = a_checkout(buyer, [(a_product(), 1)], now=now)

    with transaction.atomic():
        placed = placement.place_order(buyer.pk, checkout, actor=Actor(buyer.pk), now=now)

    told = shown.placed_order_of(placed.order, placed.shop_orders, placed.lines, placed.quote)
    assert [part["ship_deadline"] for part in told["shop_orders"]] == [now + 48 * HOUR]
    assert due(placed.order) == now + 48 * HOUR


def test_it_runs_from_the_success_of_the_team():
    first = opened(a_group_buy(team_size=2), now=TEN)
    pay_seat(first, TEN)
    order = first.placed.order
    deliver_all(TEN)
    assert (part_of(order).released_at, due(order)) == (None, None)

    later = TEN + 5 * HOUR
    pay_seat(joined(first.team, now=later), later)
    deliver_all(later)

    assert (part_of(order).released_at, due(order)) == (later, later + 48 * HOUR)


def test_a_presale_runs_from_its_release_in_the_shipping_window():
    preorder = with_balance()
    timing.keep_time(now=SHIP_FROM - HOUR)
    assert (part_of(preorder.order).state, due(preorder.order)) == ("PAID", None)

    timing.keep_time(now=SHIP_FROM)
    timing.keep_time(now=SHIP_FROM + HOUR)
    deliver_all(SHIP_FROM + HOUR)

    assert part_of(preorder.order).state == "TO_SHIP"
    assert due(preorder.order) == SHIP_FROM + 48 * HOUR


def test_a_presale_that_is_paid_in_its_shipping_window_runs_from_then():
    preorder = preordered(a_presale(now=ORDERED, **WHOLE | {"ship_from": ORDERED}), now=ORDERED)
    timing.keep_time(now=ORDERED)
    later = ORDERED + timedelta(minutes=5)
    assert due(preorder.order) is None

    pay_instalment(preorder.order, later)
    timing.keep_time(now=later)

    assert due(preorder.order) == later + 48 * HOUR


# --- What stops it --------------------------------------------------------------------------------


def test_a_hold_moves_the_deadline_by_what_it_stands_after_the_clock_began_and_writes_nothing(
    ask,
):
    product, now = a_product(origin="440305"), timezone.now()
    wuhan, shanghai = sent_to(WUHAN, product, now), sent_to(SHANGHAI, product, now)
    operator = a_staff(Role.OPERATOR)
    written = list(ShopOrder.objects.order_by("pk").values())

    def told(order):
        (part,) = ask(order.buyer, "GET", f"orders/{order.reference}").json()["shop_orders"]
        return datetime.fromisoformat(part["ship_deadline"])

    hold = {
        "region": "420100",
        "kind": "NO_SHIP",
        "starts_at": (now - 12 * HOUR).isoformat(),
        "ends_at": (now + 24 * HOUR).isoformat(),
        "reason": "疫情防控",
    }
    assert (told(wuhan), told(shanghai)) == (now + 48 * HOUR, now + 48 * HOUR)
    made = ask(operator, "POST", "staff/dispatch-holds", hold).json()
    assert (told(wuhan), told(shanghai)) == (now + 72 * HOUR, now + 48 * HOUR)
    lines = [{"sku": str(product.skus.get().reference), "quantity": 1}]
    home = str(an_address(wuhan.buyer, region=WUHAN).reference)
    wanted = {"lines": lines, "address": home, "expected_payable_fen": 1_990}
    refused = ask(wuhan.buyer, "POST", "orders", wanted)
    assert (refused.status_code, refused.json()["code"]) == (422, "REGION_ON_HOLD")

    lifting = f"staff/dispatch-holds/{made['id']}/lifting"
    lifted = ask(operator, "POST", lifting, {"reason": "解封"}).json()["lifted_at"]

    stood = datetime.fromisoformat(lifted) - now
    assert (told(wuhan), told(shanghai)) == (now + 48 * HOUR + stood, now + 48 * HOUR)
    assert list(ShopOrder.objects.order_by("pk").values()) == written


def test_a_hold_of_36_hours_takes_36_hours_and_lifting_it_early_gives_the_rest_back(now):
    order = sent_to(WUHAN, a_product(origin="440305"), now)
    hold = a_hold(WUHAN, starts_at=now + HOUR, ends_at=now + 37 * HOUR, now=now)
    assert due(order) == now + 84 * HOUR

    lift(hold, now + 11 * HOUR)

    assert due(order) == now + 58 * HOUR


def test_where_one_line_comes_from_stops_the_clock_of_the_whole_part(now):
    shop = open_shop()
    lines = [(a_product(shop, origin=origin), 1) for origin in ("440305", "420527")]
    order = an_order(lines=lines, paid=True, now=now)

    a_hold("420000", kind=HoldKind.DELAY, ends_at=now + 10 * HOUR, now=now)

    assert due(order) == now + 58 * HOUR


def test_without_an_end_there_is_no_deadline_until_it_is_lifted(now):
    order = an_order(paid=True, now=now)
    hold = a_hold(SHANGHAI, now=now)
    assert due(order) is None

    lift(hold, now + 7 * HOUR)

    assert due(order) == now + 55 * HOUR


# --- Who sees it ----------------------------------------------------------------------------------


def test_buyer_and_shop_and_console_are_told_the_same(ask):
    product, now = a_product(), timezone.now().replace(second=0, microsecond=0)
    order = an_order(lines=[(product, 1)], paid=True, now=now)
    a_hold(SHANGHAI, ends_at=now + 10 * HOUR, now=now)
    seller = product.shop.members.get(role="OWNER").user
    listed = f"seller/shops/{product.shop.reference}/shop-orders"
    page = reverse("admin:placement_shoporder_change", args=[part_of(order).pk])

    (bought,) = ask(order.buyer, "GET", "orders").json()["results"]
    (sold,) = ask(seller, "GET", listed).json()["results"]
    drawn = desk.seat(desk.staff(Role.OPERATOR), "en").get(page).content.decode()

    told = {sold["ship_deadline"], bought["shop_orders"][0]["ship_deadline"]}
    assert {datetime.fromisoformat(one) for one in told} == {now + 58 * HOUR}
    assert f"Ship deadline {figures.local_time(now + 58 * HOUR)}" in drawn


def test_twenty_deadlines_cost_the_one_statement_of_one(client, queries_of):
    buyer, product = a_user(), a_product()
    seller = product.shop.members.get(role="OWNER").user
    pages = {buyer: "orders", seller: f"seller/shops/{product.shop.reference}/shop-orders"}
    tokens = {address: bearer(person) for person, address in pages.items()}

    def statements():
        return [
            queries_of(partial(client.get, f"/api/v1/{address}", **headers))
            for address, headers in tokens.items()
        ]

    an_order(buyer, [(product, 1)])
    unpaid = statements()
    an_order(buyer, [(product, 1)], paid=True)
    one = statements()
    for _ in range(19):
        an_order(buyer, [(product, 1)], paid=True)

    assert statements() == one == [count + 1 for count in unpaid]
