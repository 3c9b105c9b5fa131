"""Full reductions over HTTP: set up, listed and ended by a shop, read by whoever passes by."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.reductions.models import ShopReduction
from tests.factories.accounts import bearer
from tests.factories.catalogue import a_product
from tests.factories.reductions import a_reduction

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


@pytest.fixture
def product():
    return a_product(price_fen=4_500)


@pytest.fixture
def ask(client, product):
    headers = bearer(product.shop.members.get(role="OWNER").user)

    def call(method, address, body=None, **extra):
        return client.generic(
            method,
            f"{BASE}/{address}",
            data=json.dumps(body) if body is not None else "",
            content_type="application/json",
            **(headers | extra),
        )

    return call


def at(hours):
    return (timezone.now() + timedelta(hours=hours)).isoformat()


def body(**changes):
    return {
        "name": "秋收满减",
        "starts_at": at(-1),
        "ends_at": at(5),
        "tiers": [
            {"threshold_fen": 5_000, "amount_fen": 500},
            {"threshold_pieces": 3, "amount_fen": 800},
        ],
    } | changes


def own(product):
    return f"seller/shops/{product.shop.reference}/reductions"


def test_a_shop_sets_one_up_and_buyers_see_and_get_it(ask, client, product):
    answer = ask("POST", own(product), body())

    assert answer.status_code == 201, answer.content.decode()
    said = answer.json()
    assert (said["state"], said["products"], said["allowed_actions"]) == ("RUNNING", [], ["end"])
    (shown,) = client.get(f"{BASE}/shops/{product.shop.slug}/reductions").json()["results"]
    assert shown["tiers"] == [
        {"threshold_fen": 5_000, "threshold_pieces": None, "amount_fen": 500},
        {"threshold_fen": None, "threshold_pieces": 3, "amount_fen": 800},
    ]
    assert "state" not in shown
    quote = ask(
        "POST",
        "quotes",
        {
            "lines": [{"sku": str(product.skus.get().reference), "quantity": 2}],
            "region": "310101",
        },
    ).json()
    (line,) = quote["shops"][0]["lines"]
    assert (line["sale_fen"], line["paid_fen"], quote["payable_fen"]) == (9_000, 8_500, 8_500)
    assert line["discounts"] == [
        {
            "source": "SHOP_REDUCTION",
            "coupon": None,
            "reduction": said["id"],
            "funders": [{"funder": "SHOP", "amount_fen": 500}],
            "amount_fen": 500,
        }
    ]


def test_a_product_shows_only_what_counts_for_it(ask, client, product):
    other = a_product(product.shop)
    a_reduction(product.shop, product, now=timezone.now())
    address = f"{BASE}/shops/{product.shop.slug}/reductions"

    def found(reference):
        return client.get(address, {"product": str(reference)}).json()["results"]

    assert [one["products"] for one in found(product.reference)] == [[str(product.reference)]]
    assert found(other.reference) == []
    assert len(client.get(address).json()["results"]) == 1


def test_what_is_to_come_and_what_is_over_is_the_shops_own_business(ask, client, product):
    now = timezone.now()
    hour = timedelta(hours=1)
    a_reduction(product.shop, now=now, starts_at=now + hour, ends_at=now + 2 * hour)
    a_reduction(product.shop, now=now, starts_at=now - hour, ends_at=now - timedelta(minutes=1))

    assert client.get(f"{BASE}/shops/{product.shop.slug}/reductions").json()["results"] == []
    states = [one["state"] for one in ask("GET", own(product)).json()["results"]]
    # By the clock: no sweep has looked at them.
    assert sorted(states) == ["ENDED", "SCHEDULED"]


def test_a_reader_who_knows_it_already_is_told_so(client, product):
    a_reduction(product.shop, now=timezone.now())
    address = f"{BASE}/shops/{product.shop.slug}/reductions"

    tag = client.get(address)["ETag"]

    assert client.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_a_shop_ends_one_once(ask, client, product):
    reduction = a_reduction(product.shop, now=timezone.now())
    address = f"{own(product)}/{reduction.reference}/ending"

    first, again = ask("POST", address, {"reason": "写错了"}), ask("POST", address, {})

    assert (first.status_code, first.json()["state"]) == (200, "ENDED")
    assert first.json()["allowed_actions"] == []
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    assert client.get(f"{BASE}/shops/{product.shop.slug}/reductions").json()["results"] == []


def test_two_at_once_are_refused_by_name(ask, product):
    ask("POST", own(product), body())

    answer = ask("POST", own(product), body(products=[str(product.reference)]))

    assert (answer.status_code, answer.json()["code"]) == (409, "REDUCTION_OVERLAP")
    assert ShopReduction.objects.count() == 1


def test_every_rule_that_is_broken_is_named(ask, product):
    broken = body(
        ends_at=at(-2),
        tiers=[
            {"amount_fen": 1},
            {"threshold_fen": 100, "amount_fen": 100},
            {"threshold_fen": 100, "threshold_pieces": 2, "amount_fen": 1},
        ],
        products=[str(a_product().reference)],
    )

    answer = ask("POST", own(product), broken)

    assert answer.status_code == 400
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("/ends_at", "WINDOW_NOT_FORWARD"),
        ("/tiers/0/threshold_fen", "THRESHOLD_REQUIRED"),
        ("/tiers/1/amount_fen", "TAKES_TOO_MUCH"),
        ("/tiers/2/threshold_pieces", "THRESHOLD_TWICE"),
        ("/tiers/2/amount_fen", "TIERS_NOT_RISING"),
        ("/products/0", "OUTSIDE_THE_SHOP"),
    ]


def test_another_shops_reduction_is_not_there(ask, product):
    strange = a_reduction(now=timezone.now())

    answer = ask("POST", f"{own(product)}/{strange.reference}/ending", {})

    assert answer.status_code == 404
    strange.refresh_from_db()
    assert strange.ended_at is None


def test_a_repeated_request_is_one_request(ask, product):
    said = body()

    first = ask("POST", own(product), said, HTTP_IDEMPOTENCY_KEY="once")
    again = ask("POST", own(product), said, HTTP_IDEMPOTENCY_KEY="once")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert ShopReduction.objects.count() == 1


def test_showing_many_costs_as_much_as_showing_one(ask, client, product, queries_of):
    now = timezone.now()
    a_reduction(product.shop, product, now=now)
    public = f"{BASE}/shops/{product.shop.slug}/reductions"
    ask("GET", own(product))
    one = queries_of(lambda: ask("GET", own(product)))
    one_read = queries_of(lambda: client.get(public))

    for _ in range(4):
        a_reduction(product.shop, a_product(product.shop), now=now)

    assert queries_of(lambda: ask("GET", own(product))) == one == 5
    # The shop, its reductions, their tiers, their goods: pages of products read none of it.
    assert queries_of(lambda: client.get(public)) == one_read == 4
