"""Quotes, orders, baskets, shop orders and reports over HTTP."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core.accounts.domain.roles import Role, Scope
from core.accounts.services import granting
from core.audit.history import life_of
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.models import Parcel
from logistics.parcels.services import tracking
from orders.placement.models import Order
from orders.placement.services import lifecycle
from shops.storefronts.models import Shop
from tests.factories.accounts import a_staff, a_user, an_address, bearer
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.orders import an_order, paid_for
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    def call(user, method, address, body=None, *, key=None, **headers):
        extra = (bearer(user) if user else {}) | headers
        if key is not None:
            extra["HTTP_IDEMPOTENCY_KEY"] = key
        data = "" if body is None else json.dumps(body)
        target = address if address.startswith("http") else f"/api/v1/{address}"
        return client.generic(method, target, data, content_type="application/json", **extra)

    return call


@pytest.fixture
def buyer(db):
    return a_user()


def sku_of(product):
    return str(product.skus.get().reference)


def a_key():
    return str(uuid.uuid4())


def order_body(buyer, product, quantity=1, **changes):
    return {
        "lines": [{"sku": sku_of(product), "quantity": quantity}],
        "address": str(an_address(buyer).reference),
        "expected_payable_fen": 1_990 * quantity,
    } | changes


def problem_of(answer):
    return answer.status_code, answer.json()["code"]


# --- Quotes ---------------------------------------------------------------------------------------


def test_a_quote_lists_what_stands_in_the_way_instead_of_refusing(ask, buyer):
    few = a_product(stock=1)
    gone = a_product(published=False)
    coupon = a_coupon(buyer, a_batch())

    answer = ask(
        buyer,
        "POST",
        "quotes",
        {
            "lines": [{"sku": sku_of(few), "quantity": 2}, {"sku": sku_of(gone), "quantity": 1}],
            "region": "310101",
            "coupons": [str(coupon.reference)],
        },
    )

    assert answer.status_code == 200
    problems = {problem["code"]: problem for problem in answer.json()["problems"]}
    assert set(problems) == {"SKU_NOT_ON_SALE", "OUT_OF_STOCK", "COUPON_BELOW_THRESHOLD"}
    assert problems["OUT_OF_STOCK"]["available"] == 1
    assert problems["SKU_NOT_ON_SALE"]["skus"] == [sku_of(gone)]
    assert problems["COUPON_BELOW_THRESHOLD"]["short_fen"] == 20_000 - 3_980
    assert all(problem["detail"] for problem in problems.values())


def test_a_quote_of_things_nobody_sells_is_empty_and_says_so(ask, buyer):
    nobodys = str(uuid.uuid4())

    answer = ask(
        buyer, "POST", "quotes", {"lines": [{"sku": nobodys, "quantity": 1}], "region": "310101"}
    )

    assert answer.json()["shops"] == []
    assert answer.json()["problems"][0]["skus"] == [nobodys]


LINE = {"sku": "5a9d2b0e-53a5-4cf1-8d4f-0e3e5a1c7d11", "quantity": 1}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [LINE, LINE]}, "/lines"),
        ({"lines": [LINE | {"quantity": 0}]}, "/lines/0/quantity"),
        ({"lines": [LINE | {"quantity": -1}]}, "/lines/0/quantity"),
        ({"lines": [LINE | {"quantity": 1_000_001}]}, "/lines/0/quantity"),
        ({"lines": [LINE | {"quantity": "1"}]}, "/lines/0/quantity"),
        ({"lines": [LINE | {"sku": "x"}]}, "/lines/0/sku"),
        ({"lines": [LINE | {"price_fen": 1}]}, "/lines/0/price_fen"),
        ({"region": "999999"}, "/region"),
        ({"region": "420000"}, "/region"),
        ({"region": None}, "/region"),
        ({"coupons": ["x"]}, "/coupons/0"),
        ({"coupons": [LINE["sku"], LINE["sku"]]}, "/coupons"),
        ({"best_coupons": "yes"}, "/best_coupons"),
        ({"address": LINE["sku"]}, "/region"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_a_quote_that_makes_no_sense_is_refused_at_its_place(ask, buyer, changes, pointer):
    answer = ask(buyer, "POST", "quotes", {"lines": [LINE], "region": "310101"} | changes)

    assert answer.status_code == 400, answer.content
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_more_money_than_anybody_has_is_refused(ask, buyer):
    product = a_product(price_fen=10_000_000_000_000)

    answer = ask(
        buyer,
        "POST",
        "quotes",
        {"lines": [{"sku": sku_of(product), "quantity": 1_000_000}], "region": "310101"},
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "TOO_LARGE"


def test_a_quote_needs_a_sign_in(ask):
    assert ask(None, "POST", "quotes", {"lines": [LINE], "region": "310101"}).status_code == 401


# --- Orders ---------------------------------------------------------------------------------------


def test_an_order_placed_twice_with_one_key_is_one_order(ask, buyer):
    product = a_product()
    body, key = order_body(buyer, product), a_key()

    first = ask(buyer, "POST", "orders", body, key=key)
    second = ask(buyer, "POST", "orders", body, key=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_an_order_needs_an_idempotency_key(ask, buyer):
    answer = ask(buyer, "POST", "orders", order_body(buyer, a_product()))

    assert problem_of(answer) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert Order.objects.count() == 0


def test_a_stale_price_is_a_conflict_that_carries_the_new_breakdown(ask, buyer):
    body = order_body(buyer, a_product(), expected_payable_fen=1)

    answer = ask(buyer, "POST", "orders", body, key=a_key())

    assert problem_of(answer) == (409, "QUOTE_STALE")
    assert answer.json()["quote"]["payable_fen"] == answer.json()["payable_fen"] == 1_990
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"lines": [LINE], "basket": True}, "/lines"),
        ({"expected_payable_fen": -1}, "/expected_payable_fen"),
        ({"expected_payable_fen": 10_000_000_000_001}, "/expected_payable_fen"),
        ({"expected_payable_fen": 1.5}, "/expected_payable_fen"),
        ({"address": "x"}, "/address"),
        ({"remark": "a" * 201}, "/remark"),
        ({"remark": "left\u202eright"}, "/remark"),
        ({"price": 1}, "/price"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_at_its_place(ask, buyer, changes, pointer):
    body = {"lines": [LINE], "address": LINE["sku"], "expected_payable_fen": 1} | changes

    answer = ask(buyer, "POST", "orders", body, key=a_key())

    assert answer.status_code == 400, answer.content
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert Order.objects.count() == 0


def test_an_order_that_costs_nothing_answers_as_paid(ask, buyer):
    product = a_product(price_fen=2_000)
    coupon = a_coupon(
        buyer, a_batch(kind="DIRECT", threshold_fen=None, amount_fen=3_000), timezone.now()
    )
    body = order_body(buyer, product, coupons=[str(coupon.reference)], expected_payable_fen=0)

    placed = ask(buyer, "POST", "orders", body, key=a_key()).json()

    shown = ask(buyer, "GET", f"orders/{placed['id']}").json()
    assert [placed["state"], placed["shop_orders"][0]["state"]] == ["PAID", "PAID"]
    assert [shown["state"], shown["shop_orders"][0]["state"]] == ["PAID", "PAID"]
    assert placed["allowed_actions"] == shown["allowed_actions"] == ["cancel"]


def test_a_station_keeper_orders_for_a_villager_only_with_their_mandate(ask, buyer):
    keeper, product = a_user(), a_product()
    body = order_body(buyer, product)
    acting = {"HTTP_ACTING_FOR": str(buyer.reference)}

    refused = ask(keeper, "POST", "orders", body, key=a_key(), **acting)
    with transaction.atomic():
        granting.give_mandate(
            principal_id=buyer.pk,
            agent_id=keeper.pk,
            scopes=[Scope.BUY],
            valid_from=timezone.now(),
            valid_until=timezone.now() + timedelta(days=1),
        )
    placed = ask(keeper, "POST", "orders", body, key=a_key(), **acting)

    assert problem_of(refused) == (403, "SCOPE_FORBIDDEN")
    assert placed.status_code == 201
    assert Order.objects.get().buyer_id == buyer.pk
    step = life_of("order", Order.objects.get().pk).get()
    assert (step.actor_id, step.on_behalf_of_id) == (keeper.pk, buyer.pk)
    assert ask(keeper, "GET", "orders").json()["results"] == []


def test_ones_orders_are_listed_newest_first_page_by_page(ask, buyer):
    product, start = a_product(), timezone.now()
    placed = [
        an_order(buyer, [(product, 1)], now=start + timedelta(seconds=second))
        for second in range(5)
    ]
    an_order(a_user(), [(product, 1)], now=start)

    seen, address = [], "orders?page_size=2"
    while address:
        page = ask(buyer, "GET", address).json()
        seen += [order["number"] for order in page["results"]]
        address = page["next"]

    assert seen == [order.number for order in reversed(placed)]


def test_listing_twenty_orders_costs_as_much_as_listing_one(ask, buyer, queries_of):
    product = a_product()
    an_order(buyer, [(product, 1)])
    headers = bearer(buyer)
    one = queries_of(lambda: ask(None, "GET", "orders", **headers))
    for _ in range(19):
        an_order(buyer, [(product, 1)])

    assert queries_of(lambda: ask(None, "GET", "orders", **headers)) == one == 5


def test_an_order_says_what_its_buyer_may_do_now(ask, buyer):
    order = an_order(buyer)
    unpaid = ask(buyer, "GET", f"orders/{order.reference}").json()
    paid_for(order)
    paid = ask(buyer, "GET", f"orders/{order.reference}").json()

    assert unpaid["allowed_actions"] == ["cancel", "pay"]
    assert paid["allowed_actions"] == ["cancel"]
    assert paid["server_time"]
    assert paid["address"]["recipient"] == "王小明"
    assert paid["shop_orders"][0]["lines"][0]["title"]


def test_somebody_elses_order_is_not_there(ask, buyer):
    order = an_order(a_user())
    part = order.shop_orders.get()

    for method, address in (
        ("GET", f"orders/{order.reference}"),
        ("GET", f"shop-orders/{part.reference}/parcels"),
        ("POST", f"shop-orders/{part.reference}/receipt"),
    ):
        answer = ask(buyer, method, address, key=a_key())
        assert problem_of(answer) == (404, "NOT_FOUND"), address


def test_orders_can_be_asked_for_by_state_and_only_by_one_that_exists(ask, buyer):
    paid_for(an_order(buyer))
    an_order(buyer)

    assert len(ask(buyer, "GET", "orders?state=PAID").json()["results"]) == 1
    assert ask(buyer, "GET", "orders?state=LOST").status_code == 400
    assert problem_of(ask(buyer, "GET", "orders?cursor=x")) == (400, "INVALID_CURSOR")


# --- Baskets --------------------------------------------------------------------------------------


def test_a_basket_is_filled_changed_and_ordered(ask, buyer):
    first, second = a_product(price_fen=1_990), a_product(price_fen=500)
    lines = [{"sku": sku_of(first), "quantity": 2}, {"sku": sku_of(second), "quantity": 1}]

    filled = ask(buyer, "PUT", "basket", {"lines": lines}).json()
    more = ask(buyer, "PUT", f"basket/lines/{sku_of(second)}", {"quantity": 3}).json()
    less = ask(buyer, "DELETE", f"basket/lines/{sku_of(first)}").json()

    assert [basket["version"] for basket in (filled, more, less)] == [1, 2, 3]
    assert [line["quantity"] for line in more["lines"]] == [2, 3]
    assert [line["sku"] for line in less["lines"]] == [sku_of(second)]
    body = {
        "basket": True,
        "address": str(an_address(buyer).reference),
        "expected_payable_fen": 1_500,
    }
    placed = ask(buyer, "POST", "orders", body, key=a_key())
    assert placed.status_code == 201, placed.content
    assert ask(buyer, "GET", "basket").json() == {"version": 4, "lines": []}
    assert problem_of(ask(buyer, "POST", "orders", body, key=a_key())) == (409, "EMPTY_BASKET")


def test_a_tab_that_is_behind_does_not_overwrite_the_basket(ask, buyer):
    product = a_product()
    seen = ask(buyer, "PUT", f"basket/lines/{sku_of(product)}", {"quantity": 1})
    ask(buyer, "PUT", f"basket/lines/{sku_of(product)}", {"quantity": 2})

    late = ask(buyer, "PUT", "basket", {"lines": []}, HTTP_IF_MATCH=seen["ETag"])

    assert problem_of(late) == (412, "PRECONDITION_FAILED")
    assert ask(buyer, "GET", "basket").json()["lines"][0]["quantity"] == 2


def test_an_unchanged_basket_is_not_sent_again(ask, buyer):
    seen = ask(buyer, "GET", "basket")

    again = ask(buyer, "GET", "basket", HTTP_IF_NONE_MATCH=seen["ETag"])

    assert (seen.json(), again.status_code) == ({"version": 0, "lines": []}, 304)


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("basket", {"lines": [LINE]}),
        ("basket", {"lines": [LINE, LINE]}),
        ("basket", {"lines": [LINE | {"quantity": 0}]}),
        ("basket", {}),
        (f"basket/lines/{LINE['sku']}", {"quantity": 1}),
        (f"basket/lines/{LINE['sku']}", {"quantity": 1_000_001}),
    ],
)
def test_nonsense_does_not_get_into_a_basket(ask, buyer, address, body):
    answer = ask(buyer, "PUT", address, body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"]
    assert ask(buyer, "GET", "basket").json()["lines"] == []


# --- The shop's side ------------------------------------------------------------------------------


@pytest.fixture
def shop(db):
    return open_shop()


def owner_of(shop):
    return shop.members.get(role="OWNER").user


def test_a_shop_the_platform_ships_for_does_not_learn_who_buys(ask, shop):
    paid_for(an_order(lines=[(a_product(shop), 1)]))
    deliver_all(timezone.now())

    page = ask(owner_of(shop), "GET", f"seller/shops/{shop.reference}/shop-orders").json()

    (part,) = page["results"]
    assert part["state"] == "TO_SHIP"
    assert part["address"] == {
        "region": "310101",
        "recipient": "王****",
        "phone": "138****5678",
        "street": "****",
    }
    answer = ask(
        owner_of(shop),
        "POST",
        f"seller/shop-orders/{part['id']}/parcels",
        {"carrier": "sandbox", "waybill_no": "SF1"},
        key=a_key(),
    )
    assert problem_of(answer) == (409, "FULFILMENT_BY_PLATFORM")


def test_a_shop_that_ships_itself_reads_the_address_until_it_has_arrived(ask, shop):
    Shop.objects.filter(pk=shop.pk).update(fulfilment="SELF")
    buyer = a_user()
    order = an_order(buyer, [(a_product(shop), 1)])
    address = f"seller/shops/{shop.reference}/shop-orders"
    unpaid = ask(owner_of(shop), "GET", address).json()["results"][0]
    paid_for(order)
    deliver_all(timezone.now())

    part = ask(owner_of(shop), "GET", f"{address}?state=TO_SHIP").json()["results"][0]

    assert unpaid["address"]["recipient"] == "王****"
    assert part["address"]["recipient"] == "王小明"
    assert part["allowed_actions"] == ["post_parcel"]
    posted = ask(
        owner_of(shop),
        "POST",
        f"seller/shop-orders/{part['id']}/parcels",
        {
            "carrier": "sandbox",
            "waybill_no": "SF1",
            "lines": [{"line": part["lines"][0]["id"], "quantity": 1}],
        },
        key=a_key(),
    )
    assert posted.status_code == 201, posted.content
    deliver_all(timezone.now())
    parcels = ask(buyer, "GET", f"shop-orders/{part['id']}/parcels").json()["results"]
    assert [parcel["id"] for parcel in parcels] == [posted.json()["id"]]
    assert parcels[0]["lines"][0]["quantity"] == 1


def test_people_of_another_shop_see_nothing(ask, shop):
    order = an_order(lines=[(a_product(shop), 1)])
    stranger = owner_of(open_shop())

    listing = ask(stranger, "GET", f"seller/shops/{shop.reference}/shop-orders")
    posting = ask(
        stranger,
        "POST",
        f"seller/shop-orders/{order.shop_orders.get().reference}/parcels",
        {"carrier": "sandbox", "waybill_no": "SF1"},
        key=a_key(),
    )

    assert problem_of(listing) == problem_of(posting) == (404, "NOT_FOUND")


def test_a_receipt_completes_a_signed_shop_order_and_says_so(ask, buyer):
    order = paid_for(an_order(buyer))
    now = timezone.now()
    deliver_all(now)
    part = order.shop_orders.get()
    early = ask(buyer, "POST", f"shop-orders/{part.reference}/receipt", key=a_key())
    tracking.hear(
        str(Parcel.objects.get().reference),
        [Scan(key="signed", state=ParcelState.SIGNED, at=now)],
        now=now,
    )
    deliver_all(now)

    received = ask(buyer, "POST", f"shop-orders/{part.reference}/receipt", key=a_key())

    assert problem_of(early) == (409, "ILLEGAL_TRANSITION")
    assert (received.status_code, received.json()["state"]) == (201, "COMPLETED")
    assert ask(buyer, "GET", f"orders/{order.reference}").json()["state"] == "COMPLETED"


# --- Reports --------------------------------------------------------------------------------------


def test_sales_are_reported_by_county_without_what_was_undone(ask):
    first = a_product(open_shop(region="420527"), 1_990, net_weight_g=5_000)
    second = a_product(open_shop(region="421127"), 10_000, origin="421127", net_weight_g=1_000)
    now = timezone.now()
    paid_for(an_order(lines=[(first, 2), (second, 1)], now=now), now)
    undone = paid_for(an_order(lines=[(first, 10)], now=now), now)
    with transaction.atomic():
        lifecycle.close_refunded(undone.pk, now=now, actor=lifecycle.SYSTEM)
    an_order(lines=[(first, 7)], now=now)
    today = timezone.localtime(now).date()
    query = f"reports/region-sales?from={today}&to={today + timedelta(days=1)}"

    report = ask(a_staff(Role.REPORTS), "GET", query).json()

    counties = {county["origin"]["code"]: county for county in report["counties"]}
    assert counties["420527"]["paid_fen"] == 12 * 1_990
    assert counties["420527"]["net_fen"] == 2 * 1_990
    assert counties["420527"]["net_weight_g"] == 10_000
    assert counties["421127"]["net_fen"] == 10_000
    total = report["total"]
    assert (total["orders"], total["shop_orders"], total["tonnes"]) == (2, 3, "0.011")
    scoped = ask(a_staff(Role.REPORTS, "421100"), "GET", query).json()
    assert [county["origin"]["code"] for county in scoped["counties"]] == ["421127"]
    assert scoped["total"]["net_fen"] == 10_000


def test_reports_name_what_each_budget_spent(ask, buyer):
    product, now = a_product(price_fen=30_000), timezone.now()
    coupon = a_coupon(buyer, a_batch(), now)
    paid_for(an_order(buyer, [(product, 1)], coupons=[coupon], now=now), now)
    today = timezone.localtime(now).date()

    report = ask(
        a_staff(Role.REPORTS),
        "GET",
        f"reports/region-sales?from={today}&to={today + timedelta(days=1)}",
    ).json()

    (budget,) = report["budgets"]
    assert (budget["funder"], budget["spent_fen"]) == ("PLATFORM", 3_000)


def test_reports_are_for_those_who_may_read_them(ask, buyer):
    answer = ask(buyer, "GET", "reports/region-sales?from=2026-11-01&to=2026-12-01")

    assert problem_of(answer) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    "query", ["", "from=2026-11-01", "from=2026-11-02&to=2026-11-02", "from=x&to=2026-11-02"]
)
def test_a_period_that_makes_no_sense_is_refused(ask, query):
    answer = ask(a_staff(Role.REPORTS), "GET", f"reports/region-sales?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"]
