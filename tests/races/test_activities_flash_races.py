"""Many at once at a flash sale's gate, at the last piece over HTTP, and at its planning."""

import itertools
import json
import threading
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from core import reconciling
from core.audit.actors import SYSTEM, Actor
from core.http import gates
from core.quotas.selectors import availability
from core.quotas.services import drawing
from core.transactions import entry
from marketplace.activities.models import Activity, ActivityBuyer
from marketplace.activities.services import activities, counting, flash, gating
from orders.placement.models import Order
from shops.catalogue.services.products import NewSku
from tests.factories.accounts import a_user, an_address, bearer
from tests.factories.activities import a_flash_sale
from tests.factories.catalogue import a_product

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _room_for_all(settings):
    settings.MARKETPLACE_CHECKOUTS_AT_ONCE = settings.MARKETPLACE_FLASH_CHECKOUTS_AT_ONCE = 0


def broken():
    names = ("placement.", "quotas.", "activities.", "catalogue.adjustments")
    asked = [name for name in reconciling.names() if name.startswith(names)]
    return [result.name for result in reconciling.run(asked) if not result.is_held]


def a_sale(pieces, **changes):
    product = a_product(price_fen=3_000, stock=100)
    now = timezone.now() - timedelta(seconds=1)
    sale = a_flash_sale(product, now=now, quantity=pieces, **changes)
    gating.refresh(now=timezone.now())
    return sale


def buying(sale, user=None):
    """Return a tap on "buy": a request with a key of its own, and what it hears."""
    user = user or a_user()
    headers, body = (
        bearer(user),
        json.dumps(
            {
                "lines": [{"sku": str(sale.sku.reference), "quantity": 1}],
                "address": str(an_address(user).reference),
                "expected_payable_fen": 1_000,
            }
        ),
    )

    def tap():
        answer = Client().post(
            "/api/v1/orders",
            body,
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=str(uuid4()),
            **headers,
        )
        return answer.json().get("code", answer.status_code)

    return tap


# --- The last piece -------------------------------------------------------------------------------


def test_a_crowd_at_the_gate_buys_each_piece_once(at_once):
    sale = a_sale(2)

    heard = at_once(*(buying(sale) for _ in range(12)))

    assert heard.count(201) == Order.objects.count() == 2
    assert set(heard) <= {201, "OUT_OF_STOCK", "QUOTE_STALE", "FLASH_SALE_CROWDED"}
    assert availability.left([sale.quota_id]) == {sale.quota_id: 0}
    assert broken() == []


def test_only_as_many_as_there_are_tokens_get_past_the_gate(at_once, monkeypatch):
    monkeypatch.setattr(gating, "TOKENS_MIN", 0)
    sale = a_sale(2)

    heard = at_once(*(buying(sale) for _ in range(12)))

    # Three tokens for two pieces; nobody gives one back who came too late.
    assert heard.count("FLASH_SALE_CROWDED") == 9
    assert heard.count(201) == 2


def test_canary_a_gate_that_stands_open_lets_the_crowd_through_and_oversells_nothing(
    at_once, monkeypatch
):
    monkeypatch.setattr(gates, "ask", lambda *_, **__: gates.Answer(gates.Standing.OPEN))
    sale = a_sale(2)

    heard = at_once(*(buying(sale) for _ in range(12)))

    assert "FLASH_SALE_CROWDED" not in heard
    assert heard.count(201) == 2
    assert broken() == []


def test_canary_without_the_hold_the_gate_alone_sells_too_many(at_once, monkeypatch):
    monkeypatch.setattr(drawing, "hold", lambda *_, **__: None)
    sale = a_sale(2)

    heard = at_once(*(buying(sale) for _ in range(12)))

    assert heard.count(201) > 2
    assert "placement.orders_explain_stock" in broken()


def test_emptying_redis_in_the_middle_sells_nothing_twice(at_once):
    sale = a_sale(3)
    is_over = threading.Event()

    def empty():
        client = gates._keeper().client
        for _ in itertools.takewhile(lambda _: not is_over.is_set(), range(2_000)):
            client.delete(gates._KNOWN, gates._GOODS, gates._TOKENS, gates._WRITING)

    def buy_then_stop(tap):
        try:
            return tap()
        finally:
            is_over.set()

    taps = [buying(sale) for _ in range(10)]
    heard = at_once(empty, *(partial(buy_then_stop, tap) for tap in taps))[1:]

    assert heard.count(201) == Order.objects.count() == 3
    assert set(heard) <= {201, "OUT_OF_STOCK", "QUOTE_STALE", "FLASH_SALE_CROWDED"}
    assert broken() == []


# --- One person in two tabs -----------------------------------------------------------------------


def test_one_person_in_two_tabs_has_one_piece(at_once):
    sale, user = a_sale(20), a_user()

    heard = at_once(buying(sale, user), buying(sale, user))

    assert sorted(map(str, heard)) == ["201", "ACTIVITY_USER_LIMIT"]
    assert ActivityBuyer.objects.get().bought == 1
    assert broken() == []


def test_canary_without_the_count_two_tabs_have_two(at_once, monkeypatch):
    monkeypatch.setattr(counting, "count", lambda *_: None)
    sale, user = a_sale(20), a_user()

    heard = at_once(buying(sale, user), buying(sale, user))

    assert heard == [201, 201]
    assert "placement.orders_explain_activity_buyers" in broken()


# --- The end against buyers -----------------------------------------------------------------------


def test_an_end_while_they_buy_leaves_every_piece_sold_or_in_the_stock(at_once):
    sale = a_sale(20)
    ending = partial(entry(activities.end), sale, actor=SYSTEM, now=timezone.now())

    heard = at_once(ending, *(buying(sale) for _ in range(8)))[1:]

    assert set(heard) <= {201, "OUT_OF_STOCK", "QUOTE_STALE"}
    figures = availability.figures([sale.quota_id, sale.sku.stock_quota_id])
    assert figures[sale.quota_id].held == heard.count(201)
    assert figures[sale.quota_id].free == 0
    assert figures[sale.sku.stock_quota_id].free == 100 - heard.count(201)
    assert broken() == []


# --- Two sales of one product ---------------------------------------------------------------------


def plan_twice(at_once, now):
    skus = [NewSku(size, 3_000, 1_000, 1_100, 50) for size in ("小", "大")]
    product = a_product(skus=skus)
    owner = Actor(product.shop.members.get(role="OWNER").user_id)
    drafts = [
        flash.Draft(sku.reference, 1_000, 10, now, now + HOUR)
        for sku in product.skus.order_by("id")
    ]
    plan = entry(flash.plan)
    calls = [partial(plan, draft, shop=product.shop, actor=owner, now=now) for draft in drafts]
    return sorted(type(outcome).__name__ for outcome in at_once(*calls))


def test_of_two_flash_sales_of_one_product_one_is_refused(at_once, now):
    assert plan_twice(at_once, now) == ["Activity", "FlashSaleExists"]
    assert broken() == []


def test_canary_without_the_constraint_a_product_has_two(at_once, now):
    name = "activities_activity_one_flash_sale_per_product"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        [definition] = cursor.fetchone()
        cursor.execute(f"DROP INDEX {name}")
    try:
        assert plan_twice(at_once, now) == ["Activity", "Activity"]
        assert "activities.one_flash_sale_per_product" in broken()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE activities_activity CASCADE")
            cursor.execute(definition)
    assert Activity.objects.count() == 0
