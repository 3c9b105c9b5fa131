"""Many at once at an activity: the last piece, one person's limit, its end, two prices."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from core import reconciling
from core.audit.actors import SYSTEM, Actor
from core.quotas.selectors import availability
from core.quotas.services import drawing
from core.transactions import entry
from marketplace.activities.models import Activity, ActivityBuyer
from marketplace.activities.services import activities, counting
from orders.placement.models import Order
from orders.placement.services import placement
from tests.factories.accounts import a_user
from tests.factories.activities import an_activity
from tests.factories.catalogue import a_product
from tests.factories.orders import a_checkout

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def buying(buyer, checkout, now):
    return partial(entry(placement.place_order), buyer.pk, checkout, actor=Actor(buyer.pk), now=now)


def broken():
    names = ("placement.", "quotas.", "activities.", "catalogue.adjustments")
    asked = [name for name in reconciling.names() if name.startswith(names)]
    return [result.name for result in reconciling.run(asked) if not result.is_held]


# --- The last piece -------------------------------------------------------------------------------


def want_the_last_piece(at_once, now, crowd=8):
    product = a_product(stock=100)
    activity = an_activity(product, quantity=1)
    buyers = [a_user() for _ in range(crowd)]
    calls = [buying(buyer, a_checkout(buyer, [(product, 1)], now=now), now) for buyer in buyers]
    return activity, at_once(*calls)


def test_the_last_piece_goes_to_exactly_one(at_once, now):
    activity, outcomes = want_the_last_piece(at_once, now)

    assert kinds(outcomes).count("Placed") == 1
    assert set(kinds(outcomes)) <= {"Placed", "OutOfStock", "QuoteStale"}
    assert availability.left([activity.quota_id]) == {activity.quota_id: 0}
    assert broken() == []


def test_canary_without_the_hold_the_last_piece_is_sold_to_many(at_once, now, monkeypatch):
    monkeypatch.setattr(drawing, "hold", lambda *_, **__: None)

    _, outcomes = want_the_last_piece(at_once, now)

    assert kinds(outcomes).count("Placed") > 1
    assert "placement.orders_explain_stock" in broken()


# --- The limit of one person ----------------------------------------------------------------------


def want_more_than_the_limit(at_once, now, tabs=6):
    product = a_product(stock=100)
    an_activity(product, quantity=50, per_user_limit=2)
    buyer = a_user()
    checkout = a_checkout(buyer, [(product, 1)], now=now)
    return at_once(*[buying(buyer, checkout, now)] * tabs)


def test_one_person_in_many_tabs_stays_within_the_limit(at_once, now):
    outcomes = want_more_than_the_limit(at_once, now)

    assert kinds(outcomes) == ["ActivityUserLimit"] * 4 + ["Placed"] * 2
    assert ActivityBuyer.objects.get().bought == 2
    assert broken() == []


def test_canary_without_the_count_one_person_takes_more(at_once, now, monkeypatch):
    monkeypatch.setattr(counting, "count", lambda *_: None)

    outcomes = want_more_than_the_limit(at_once, now)

    assert kinds(outcomes).count("Placed") > 2
    assert "placement.orders_explain_activity_buyers" in broken()


# --- The end against buyers -----------------------------------------------------------------------


def end_while_they_buy(at_once, now):
    product = a_product(stock=100)
    activity = an_activity(product, quantity=50)
    buyers = [a_user() for _ in range(6)]
    calls = [buying(buyer, a_checkout(buyer, [(product, 1)], now=now), now) for buyer in buyers]
    ending = partial(entry(activities.end), activity, actor=SYSTEM, now=now)
    return activity, at_once(ending, *calls)


def test_an_end_leaves_every_piece_sold_or_in_the_stock(at_once, now):
    activity, outcomes = end_while_they_buy(at_once, now)

    assert set(kinds(outcomes)) <= {"NoneType", "Placed", "OutOfStock", "QuoteStale"}
    sold = Order.objects.count()
    figures = availability.figures([activity.quota_id, activity.sku.stock_quota_id])
    assert figures[activity.quota_id].free == 0
    assert figures[activity.quota_id].held == sold == kinds(outcomes).count("Placed")
    assert figures[activity.sku.stock_quota_id].free == 100 - sold
    assert broken() == []


def bring_back_without_looking(sku, quota_id, **_):
    """Move what was free when the activity was set up, without a look at who holds some."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE quotas_quotashard SET total = 0 WHERE quota_id = %s", [quota_id])
        cursor.execute(
            "UPDATE quotas_quotashard SET total = total + 50 WHERE quota_id = %s",
            [sku.stock_quota_id],
        )
    return 50


def test_canary_an_end_that_does_not_look_is_refused_or_loses_pieces(at_once, now, monkeypatch):
    monkeypatch.setattr(activities.stock, "take_back", bring_back_without_looking)
    product = a_product(stock=100)
    activity = an_activity(product, quantity=50)
    buyer = a_user()
    at_once(buying(buyer, a_checkout(buyer, [(product, 1)], now=now), now))

    [outcome] = at_once(partial(entry(activities.end), activity, actor=SYSTEM, now=now))

    assert type(outcome).__name__ == "IntegrityError", "the net below: never overdrawn"


# --- Two prices for one SKU -----------------------------------------------------------------------


def set_up_twice(at_once, now):
    product = a_product(stock=100)
    owner = product.shop.members.get(role="OWNER").user_id
    hour = timedelta(hours=1)
    planned = activities.Planned(
        "PRICE", product.skus.get().pk, 990, 10, now + hour, now + 2 * hour
    )
    return at_once(*[partial(entry(activities.schedule), planned, actor=Actor(owner), now=now)] * 2)


def test_of_two_prices_at_one_instant_one_is_refused(at_once, now):
    assert kinds(set_up_twice(at_once, now)) == ["Activity", "ActivityOverlap"]
    assert Activity.objects.count() == 1
    assert broken() == []


def test_canary_without_the_constraint_there_are_two(at_once, now):
    name = "activities_activity_one_price_at_an_instant"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        )
        [definition] = cursor.fetchone()
        cursor.execute(f"ALTER TABLE activities_activity DROP CONSTRAINT {name}")
    try:
        assert kinds(set_up_twice(at_once, now)) == ["Activity", "Activity"]
        assert broken() == ["activities.one_price_per_sku"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE activities_activity CASCADE")
            cursor.execute(f"ALTER TABLE activities_activity ADD CONSTRAINT {name} {definition}")
