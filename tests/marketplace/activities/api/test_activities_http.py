"""Flash sales over HTTP: planned by shops and staff, seen and bought by everybody, ended once."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from core.accounts.domain.roles import Role
from marketplace.activities.models import Activity
from tests.factories.accounts import a_staff, a_user, an_address, bearer
from tests.factories.activities import a_flash_sale
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


@pytest.fixture
def product():
    return a_product(price_fen=3_000, stock=50)


@pytest.fixture
def owner(product):
    return product.shop.members.get(role="OWNER").user


@pytest.fixture
def ask(client):
    def call(method, address, body=None, by=None, **extra):
        return client.generic(
            method,
            f"{BASE}/{address}",
            data=json.dumps(body) if body is not None else "",
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=str(uuid4()),
            **((bearer(by) if by else {}) | extra),
        )

    return call


def at(hours):
    return (timezone.now() + timedelta(hours=hours)).isoformat()


def body(product, **changes):
    return {
        "sku": str(product.skus.get().reference),
        "price_fen": 1_000,
        "quantity": 20,
        "per_user_limit": 2,
        "starts_at": at(-1),
        "ends_at": at(5),
    } | changes


def own(product):
    return f"seller/shops/{product.shop.reference}/flash-sales"


def test_a_shop_plans_one_and_buyers_see_it_and_buy(ask, product, owner):
    answer = ask("POST", own(product), body(product), by=owner)

    assert answer.status_code == 201, answer.content.decode()
    said = answer.json()
    assert (said["state"], said["left"], said["sold"]) == ("RUNNING", 20, 0)
    assert said["allowed_actions"] == ["end"]
    buyer = a_user()
    place = an_address(buyer)
    order = {
        "lines": [{"sku": said["sku"], "quantity": 2}],
        "address": str(place.reference),
        "expected_payable_fen": 2_000,
    }
    placed = ask("POST", "orders", order, by=buyer)
    assert placed.status_code == 201, placed.content.decode()
    (line,) = placed.json()["shop_orders"][0]["lines"]
    assert line["activity"] == {"id": said["id"], "kind": "FLASH"}
    (shown,) = ask("GET", f"flash-sales?product={product.reference}").json()["results"]
    assert (shown["left"], shown["price_fen"], shown["list_price_fen"]) == (18, 1_000, 3_000)
    assert "sold" not in shown
    assert ask("POST", "orders", order, by=buyer).json()["code"] == "ACTIVITY_USER_LIMIT"


def test_buyers_see_what_runs_and_what_is_to_come_the_earliest_first(ask):
    now = timezone.now()
    later = a_flash_sale(now=now, starts_at=now + timedelta(hours=1))
    running = a_flash_sale(now=now)
    a_flash_sale(now=now - timedelta(hours=5), hours=1)

    def seen(query=""):
        return [one["id"] for one in ask("GET", f"flash-sales{query}").json()["results"]]

    assert seen() == [str(running.reference), str(later.reference)]
    assert seen("?state=RUNNING") == [str(running.reference)]
    assert seen("?state=SCHEDULED") == [str(later.reference)]
    assert seen(f"?shop={later.shop.reference}") == [str(later.reference)]
    assert ask("GET", "flash-sales?state=ENDED").status_code == 400
    assert ask("GET", f"flash-sales/{later.reference}").json()["state"] == "SCHEDULED"
    assert ask("GET", f"flash-sales/{uuid4()}").status_code == 404


def test_showing_ten_costs_as_much_as_showing_one(ask, queries_of):
    a_flash_sale(now=timezone.now())
    show = lambda: ask("GET", "flash-sales")  # noqa: E731
    show()
    one = queries_of(show)
    for _ in range(9):
        a_flash_sale(now=timezone.now())

    assert queries_of(show) == one == 1


def test_an_end_is_for_good(ask, product, owner):
    said = ask("POST", own(product), body(product), by=owner).json()
    address = f"{own(product)}/{said['id']}/ending"

    ended = ask("POST", address, {"reason": "写错了"}, by=owner)
    again = ask("POST", address, {"reason": "写错了"}, by=owner)

    assert (ended.status_code, ended.json()["state"], ended.json()["returned"]) == (
        200,
        "ENDED",
        20,
    )
    assert (ended.json()["left"], ended.json()["allowed_actions"]) == (0, [])
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    assert ask("GET", "flash-sales").json()["results"] == []
    assert ask("GET", f"flash-sales/{said['id']}").json()["state"] == "ENDED"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"price_fen": 2_001}, 422, "FLASH_TOO_LITTLE_OFF"),
        ({"price_fen": 2_999}, 422, "FLASH_PRICE_OUT_OF_RANGE"),
        ({"ends_at": at(30)}, 422, "FLASH_TOO_LONG"),
        ({"quantity": 51}, 409, "STOCK_TOO_LOW"),
        ({"ends_at": at(-2)}, 400, "INVALID_INPUT"),
        ({"sku": str(uuid4())}, 400, "INVALID_INPUT"),
    ],
)
def test_each_refusal_has_a_code_of_its_own(ask, product, owner, changes, status, code):
    answer = ask("POST", own(product), body(product, **changes), by=owner)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Activity.objects.exists()


def test_a_second_one_is_refused(ask, product, owner):
    ask("POST", own(product), body(product), by=owner)
    following = body(product, starts_at=at(6), ends_at=at(7))

    answer = ask("POST", own(product), following, by=owner)

    assert (answer.status_code, answer.json()["code"]) == (409, "FLASH_SALE_EXISTS")


def test_staff_plan_for_any_shop_and_end_what_a_shop_planned(ask, product):
    manager = a_staff(Role.CAMPAIGN_MANAGER)

    planned = ask("POST", "staff/flash-sales", body(product), by=manager)
    listed = ask("GET", "staff/flash-sales", by=manager).json()["results"]
    ended = ask("POST", f"staff/flash-sales/{planned.json()['id']}/ending", {}, by=manager)

    assert planned.status_code == 201, planned.content.decode()
    assert [one["id"] for one in listed] == [planned.json()["id"]]
    assert ended.json()["state"] == "ENDED"
    other = ask("POST", "staff/flash-sales", body(product), by=a_staff(Role.REVIEWER))
    assert other.status_code == 403


def test_a_shop_neither_sells_nor_sees_what_is_another_ones(ask, product, owner):
    other = a_flash_sale(now=timezone.now())
    wanted = body(product, sku=str(other.sku.reference))

    refused = ask("POST", own(product), wanted, by=owner)
    ending = ask("POST", f"{own(product)}/{other.reference}/ending", {}, by=owner)

    assert (refused.status_code, ending.status_code) == (400, 404)
    assert ask("GET", own(product), by=owner).json()["results"] == []
