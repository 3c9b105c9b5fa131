"""Group buys over HTTP: set up, opened, shared, joined, paid, refused."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from core.audit.actors import SYSTEM
from orders.groupbuys.models import Team
from orders.groupbuys.services import expiring
from orders.payments.models import Refund
from orders.payments.services import refunding
from orders.placement.models import Order
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.groupbuys import a_group_buy, a_team
from tests.factories.payments import a_payment, call_back
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
    return a_product(shop, price_fen=3_990)


def draft(product, **changes):
    now = timezone.now()
    return {
        "sku": str(product.skus.get().reference),
        "price_fen": 2_990,
        "quantity": 20,
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(days=1)).isoformat(),
        "team_size": 3,
    } | changes


def a_seat(buyer, **changes):
    return {"address": str(an_address(buyer).reference), "expected_payable_fen": 2_990} | changes


def pay(order_id):
    now = timezone.now()
    call_back(a_payment(Order.objects.get(reference=order_id), now=now), now=now)


def problem_of(answer):
    return answer.status_code, answer.json()["code"]


def test_three_strangers_buy_together(ask, seller, shop, product):
    made = ask(seller, "POST", f"seller/shops/{shop.reference}/group-buys", draft(product))
    assert made.status_code == 201, made.json()
    group_buy = made.json()["id"]
    listed = ask(None, "GET", f"group-buys?product={product.reference}").json()["results"]
    assert [(one["id"], one["left"], one["virtual_mode"]) for one in listed] == [
        (group_buy, 20, "NONE")
    ]

    leader = a_user()
    first = ask(leader, "POST", f"group-buys/{group_buy}/teams", a_seat(leader)).json()
    team, order = first["team"], first["order"]
    assert (team["state"], team["locked"], team["is_joinable"]) == ("OPENING", 1, False)
    assert (order["state"], order["payable_fen"]) == ("PENDING_PAYMENT", 2_990)
    pay(order["id"])

    link = ask(None, "GET", f"teams/{team['id']}").json()
    assert (link["state"], link["free"], link["is_joinable"]) == ("FORMING", 2, True)
    shared = ask(None, "GET", f"group-buys/{group_buy}").json()["teams"]
    assert [one["id"] for one in shared] == [team["id"]]

    friends = [a_user(), a_user()]
    for friend in friends:
        joined = ask(friend, "POST", f"teams/{team['id']}/members", a_seat(friend))
        assert joined.status_code == 201, joined.json()
        pay(joined.json()["order"]["id"])
    deliver_all(timezone.now())

    assert ask(None, "GET", f"teams/{team['id']}").json()["state"] == "SUCCEEDED"
    (mine,) = ask(leader, "GET", "me/teams").json()["results"]
    assert (mine["state"], mine["is_leader"], mine["order"]) == ("PAID", True, order["id"])
    shown = ask(leader, "GET", f"orders/{order['id']}").json()
    assert shown["shop_orders"][0]["state"] == "TO_SHIP"
    assert shown["shop_orders"][0]["lines"][0]["unit_price_fen"] == 2_990


def test_a_team_that_runs_out_gives_everything_back_to_the_fen(ask):
    team = a_team(a_group_buy(now=timezone.now()), people=2, now=timezone.now())
    over = team.expires_at + timedelta(seconds=60)

    expiring.expire_due(now=over)
    deliver_all(over)
    refunding.send_due(now=over)
    deliver_all(over)

    shown = ask(None, "GET", f"teams/{team.reference}").json()
    assert (shown["state"], shown["failure"], shown["free"]) == ("FAILED", "EXPIRED", 0)
    assert list(Refund.objects.values_list("amount_fen", "state")) == [(2_990, "SUCCEEDED")] * 2


def test_the_same_request_twice_takes_one_seat(ask):
    terms, buyer = a_group_buy(now=timezone.now()), a_user()
    body, key = a_seat(buyer), str(uuid.uuid4())
    address = f"group-buys/{terms.activity.reference}/teams"

    once, again = (ask(buyer, "POST", address, body, HTTP_IDEMPOTENCY_KEY=key) for _ in range(2))

    assert (once.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert once.content == again.content
    assert Team.objects.count() == 1


def test_refusals_name_themselves(ask):
    now = timezone.now()
    terms = a_group_buy(now=now)
    team, buyer = a_team(terms, people=2, now=now), a_user()
    members = f"teams/{team.reference}/members"
    assert ask(buyer, "POST", members, a_seat(buyer)).status_code == 201

    assert problem_of(ask(buyer, "POST", members, a_seat(buyer))) == (409, "ALREADY_IN_TEAM")
    late = a_user()
    assert problem_of(ask(late, "POST", members, a_seat(late))) == (409, "TEAM_FULL")
    other = a_team(terms, now=now)
    expiring.call_off_one(other.pk, actor=SYSTEM, now=now)
    closed = f"teams/{other.reference}/members"
    assert problem_of(ask(late, "POST", closed, a_seat(late))) == (409, "TEAM_CLOSED")
    nobodys = f"teams/{uuid.uuid4()}/members"
    assert problem_of(ask(late, "POST", nobodys, a_seat(late))) == (404, "NOT_FOUND")
    stale = a_seat(late, expected_payable_fen=1)
    opening = f"group-buys/{terms.activity.reference}/teams"
    assert problem_of(ask(late, "POST", opening, stale)) == (409, "QUOTE_STALE")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"team_size": 1}, 400),
        ({"team_size": 101}, 400),
        ({"price_fen": 3_990}, 400),
        ({"price_fen": 0}, 400),
        ({"virtual_mode": "RATIO"}, 400),
        ({"virtual_ratio_bp": 5_000}, 400),
        ({"virtual_mode": "RATIO", "virtual_ratio_bp": 10_001}, 400),
        ({"virtual_mode": "RATIO", "virtual_ratio_bp": 5_000}, 201),
        ({"quantity": 101}, 409),
        ({"sku": str(uuid.uuid4())}, 400),
        ({"team_hours": 241}, 400),
    ],
)
def test_what_makes_no_sense_is_not_set_up(ask, seller, shop, product, changes, status):
    address = f"seller/shops/{shop.reference}/group-buys"

    assert ask(seller, "POST", address, draft(product, **changes)).status_code == status


def test_a_shop_calls_off_its_own_group_buy_and_no_other(ask, seller, shop, product):
    terms = a_group_buy(product, now=timezone.now())
    team = a_team(terms, now=timezone.now())
    address = f"group-buys/{terms.activity.reference}/calling-off"
    stranger = open_shop(owner=a_user())

    theirs = ask(
        stranger.members.get().user,
        "POST",
        f"seller/shops/{stranger.reference}/{address}",
        {"reason": "霜冻"},
    )
    own = ask(seller, "POST", f"seller/shops/{shop.reference}/{address}", {"reason": "霜冻"})

    assert theirs.status_code == 404
    assert (own.status_code, own.json()) == (200, {"teams": 1})
    assert not ask(None, "GET", f"teams/{team.reference}").json()["is_joinable"]


def test_a_page_of_group_buys_costs_as_much_for_three_as_for_one(ask, queries_of):
    a_group_buy(now=timezone.now())
    ask(None, "GET", "group-buys")
    one = queries_of(lambda: ask(None, "GET", "group-buys"))
    for _ in range(2):
        a_group_buy(now=timezone.now())

    assert queries_of(lambda: ask(None, "GET", "group-buys")) == one
