"""Pre-sales over HTTP: planned, quoted, ordered, deposit and balance paid, sent; or refused."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from core import reconciling
from core.accounts.domain.roles import Role
from orders.payments.models import Payment
from orders.payments.services import capturing
from orders.placement.models import Order
from orders.presales.models import Preorder
from orders.presales.services import timing
from tests.factories.accounts import a_staff, a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.payments import a_callback
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(db):
    return a_user()


@pytest.fixture
def shop(seller):
    return open_shop(owner=seller)


@pytest.fixture
def product(shop):
    return a_product(shop, price_fen=9_900)


def draft(product, **changes):
    now = timezone.now()
    days = {"starts_at": -0.01, "ends_at": 1, "balance_from": 2, "balance_until": 3}
    days |= {"ship_from": 4, "ship_until": 5}
    times = {name: (now + timedelta(days=day)).isoformat() for name, day in days.items()}
    return {
        "sku": str(product.skus.get().reference),
        "kind": "DEPOSIT",
        "price_fen": 8_800,
        "quantity": 20,
        "deposit_fen": 1_000,
        "deposit_worth_fen": 2_000,
        **times,
        **changes,
    }


def planned(ask, seller, shop, product, **changes):
    made = ask(seller, "POST", f"seller/shops/{shop.reference}/presales", draft(product, **changes))
    assert made.status_code == 201, made.json()
    return made.json()


def pay(ask, buyer, order):
    """Pay what is due; return the payment as the API shows it."""
    opened = ask(buyer, "POST", f"orders/{order}/payments", {"provider": "sandbox"})
    assert opened.status_code == 201, opened.json()
    captured = ask(None, "POST", f"sandbox/payments/{opened.json()['id']}/capture")
    assert captured.status_code < 300, captured.json()
    payment, now = Payment.objects.get(reference=opened.json()["id"]), timezone.now()
    headers, body = a_callback(payment, now=now)
    capturing.receive("sandbox", headers=headers, body=body, now=now)
    return opened.json()


def later(order, **changes):
    """Let the clock of one order have moved on: nobody moves the market's."""
    Order.objects.filter(reference=order).update(**changes)


def problem_of(answer):
    return answer.status_code, answer.json()["code"]


def test_a_box_of_the_next_harvest_is_planned_ordered_paid_in_two_steps_and_sent(
    ask, seller, shop, product
):
    presale = planned(ask, seller, shop, product)
    (listed,) = ask(None, "GET", f"presales?product={product.reference}").json()["results"]
    assert (listed["id"], listed["left"], listed["kind"]) == (presale["id"], 20, "DEPOSIT")

    buyer = a_user()
    address = str(an_address(buyer).reference)
    lines = [{"sku": presale["sku"], "quantity": 1}]
    asked = {"lines": lines, "address": address, "activity": presale["id"]}
    quote = ask(buyer, "POST", "quotes", asked).json()
    assert (quote["deposit_fen"], quote["balance_fen"], quote["payable_fen"]) == (
        1_000,
        6_800,
        7_800,
    )
    (line,) = quote["shops"][0]["lines"]
    assert (line["sale_fen"], line["paid_fen"]) == (8_800, 7_800)
    assert [(one["source"], one["amount_fen"]) for one in line["discounts"]] == [
        ("DEPOSIT_WORTH", 1_000)
    ]

    wish = {"address": address, "expected_payable_fen": 7_800}
    made = ask(buyer, "POST", f"presales/{presale['id']}/orders", wish)
    assert made.status_code == 201, made.json()
    order = made.json()["order"]["id"]
    assert made.json()["preorder"]["state"] == "DEPOSIT_DUE"

    deposit = pay(ask, buyer, order)
    assert (deposit["instalment"], deposit["amount_fen"]) == ("DEPOSIT", 1_000)
    shown = ask(buyer, "GET", f"orders/{order}").json()
    assert (shown["state"], shown["shop_orders"][0]["state"]) == ("PENDING_PAYMENT", "WAIT_BALANCE")
    assert (shown["deposit"]["deposit_fen"], shown["deposit"]["balance_fen"]) == (1_000, 6_800)
    assert shown["deposit"]["balance_from"] == presale["balance_from"]
    assert shown["pay_before"] == presale["balance_until"]
    assert shown["allowed_actions"] == []
    early = ask(buyer, "POST", f"orders/{order}/payments", {"provider": "sandbox"})
    assert problem_of(early) == (409, "BALANCE_NOT_DUE")
    assert problem_of(ask(buyer, "POST", f"orders/{order}/cancellation", {})) == (
        409,
        "DEPOSIT_STAYS",
    )

    later(order, placed_at=timezone.now() - timedelta(days=2), balance_from=timezone.now())
    assert ask(buyer, "GET", f"orders/{order}").json()["allowed_actions"] == ["pay"]
    balance = pay(ask, buyer, order)
    assert (balance["instalment"], balance["amount_fen"]) == ("BALANCE", 6_800)
    deliver_all(timezone.now())
    (mine,) = ask(buyer, "GET", "me/preorders").json()["results"]
    assert (mine["state"], mine["order"], mine["balance_fen"]) == ("PAID", order, 6_800)
    shown = ask(buyer, "GET", f"orders/{order}").json()
    assert (shown["state"], shown["shop_orders"][0]["state"]) == ("PAID", "PAID")

    # The harvest comes: from here on it goes as any order.
    harvest = Preorder.objects.get().ship_from
    timing.keep_time(now=harvest)
    deliver_all(harvest)
    shown = ask(buyer, "GET", f"orders/{order}").json()
    assert shown["shop_orders"][0]["state"] == "TO_SHIP"
    assert [one.name for one in reconciling.run(reconciling.names()) if not one.is_held] == []


def test_staff_say_that_a_presale_cannot_be_delivered_once(ask, seller, shop, product):
    presale = planned(ask, seller, shop, product)
    manager = a_staff(Role.CAMPAIGN_MANAGER)
    address = f"staff/presales/{presale['id']}/default"

    said = ask(manager, "POST", address, {"reason": "霜冻绝收"})
    again = ask(manager, "POST", address, {"reason": "霜冻绝收"})

    assert (said.status_code, said.json()["delivery"], said.json()["state"]) == (
        200,
        "DEFAULTED",
        "ENDED",
    )
    assert problem_of(again) == (409, "ILLEGAL_TRANSITION")
    buyer = a_user()
    wish = {"address": str(an_address(buyer).reference), "expected_payable_fen": 7_800}
    refused = ask(buyer, "POST", f"presales/{presale['id']}/orders", wish)
    assert problem_of(refused) == (409, "ACTIVITY_NOT_RUNNING")
    assert ask(None, "GET", "presales").json()["results"] == []


def test_nobody_buys_at_the_price_of_a_presale_outside_of_it(ask, seller, shop, product):
    presale = planned(ask, seller, shop, product)
    buyer = a_user()
    body = {
        "lines": [{"sku": presale["sku"], "quantity": 1}],
        "address": str(an_address(buyer).reference),
        "activity": presale["id"],
        "expected_payable_fen": 7_800,
    }

    assert problem_of(ask(buyer, "POST", "orders", body)) == (409, "ACTIVITY_NOT_ON_ITS_OWN")


FULL_PAY = {
    "kind": "FULL_PAY",
    "deposit_fen": None,
    "deposit_worth_fen": None,
    "balance_from": None,
    "balance_until": None,
}


@pytest.mark.parametrize(
    ("changes", "status", "fault"),
    [
        ({"deposit_fen": 1_561, "deposit_worth_fen": 2_561}, 400, "DEPOSIT_TOO_HIGH"),
        ({"deposit_fen": 1_560, "deposit_worth_fen": 2_560}, 201, None),
        ({"deposit_fen": 1_760, "deposit_worth_fen": 1_760}, 201, None),
        ({"deposit_fen": 1_761, "deposit_worth_fen": 1_761}, 400, "DEPOSIT_TOO_HIGH"),
        ({"deposit_worth_fen": 999}, 400, "WORTH_BELOW_DEPOSIT"),
        ({"deposit_worth_fen": 8_801}, 400, "WORTH_ABOVE_PRICE"),
        ({"deposit_fen": None}, 400, "DEPOSIT"),
        ({"balance_until": None}, 400, "DEPOSIT"),
        ({"kind": "FULL_PAY"}, 400, "DEPOSIT"),
        (FULL_PAY, 201, None),
        (FULL_PAY | {"default_rule": "DOUBLE"}, 400, "DEPOSIT"),
        (FULL_PAY | {"compensation_fen": 500}, 201, None),
        ({"default_rule": "SINGLE", "compensation_fen": 300}, 201, None),
        ({"compensation_fen": 300}, 400, "DEFAULT_RULE"),
        ({"forecast_g": 100_000}, 400, "FORECAST"),
        ({"factor_bp": 8_000}, 400, "FORECAST"),
        ({"factor_bp": 10_001, "forecast_g": 1}, 400, None),
        ({"price_fen": 9_900}, 400, "PRICE_NOT_BELOW_LIST"),
        ({"quantity": 101}, 409, None),
        ({"sku": str(uuid.uuid4())}, 400, "SKU_NOT_FOUND"),
    ],
)
def test_what_makes_no_sense_is_not_planned(ask, seller, shop, product, changes, status, fault):
    address = f"seller/shops/{shop.reference}/presales"

    answer = ask(seller, "POST", address, draft(product, **changes))

    assert answer.status_code == status, answer.json()
    if fault:
        assert [one["code"] for one in answer.json()["errors"]] == [fault]


def test_no_more_is_promised_than_the_harvest_allows(ask, seller, shop, product):
    weight_g = product.skus.get().net_weight_g
    address = f"seller/shops/{shop.reference}/presales"
    enough = {"forecast_g": weight_g * 25, "factor_bp": 8_000}

    too_many = ask(seller, "POST", address, draft(product, quantity=21, **enough))
    just = ask(seller, "POST", address, draft(product, quantity=20, **enough))

    assert [one["code"] for one in too_many.json()["errors"]] == ["FORECAST_EXCEEDED"]
    assert just.status_code == 201


def test_windows_must_follow_each_other(ask, seller, shop, product):
    address = f"seller/shops/{shop.reference}/presales"
    made = draft(product)
    for name, other in (
        ("balance_from", "starts_at"),
        ("balance_until", "balance_from"),
        ("ship_from", "ends_at"),
        ("ship_until", "ship_from"),
    ):
        answer = ask(seller, "POST", address, made | {name: made[other]})

        assert answer.status_code == 400, name


def test_another_shop_plans_nothing_of_it(ask, seller, shop, product):
    stranger = open_shop(owner=a_user())
    other = stranger.members.get().user

    theirs = ask(other, "POST", f"seller/shops/{stranger.reference}/presales", draft(product))
    foreign = ask(other, "POST", f"seller/shops/{shop.reference}/presales", draft(product))

    assert [one["code"] for one in theirs.json()["errors"]] == ["SKU_NOT_FOUND"]
    assert foreign.status_code == 404


def test_a_page_of_presales_costs_as_much_for_three_as_for_one(ask, queries_of, seller, shop):
    planned(ask, seller, shop, a_product(shop, price_fen=9_900))
    ask(None, "GET", "presales")
    one = queries_of(lambda: ask(None, "GET", "presales"))
    for _ in range(2):
        planned(ask, seller, shop, a_product(shop, price_fen=9_900))

    assert queries_of(lambda: ask(None, "GET", "presales")) == one
