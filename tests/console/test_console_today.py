"""The first page of the console says how today goes, and what waits for somebody."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.outbox.models import Delivery, DeliveryState
from core.quotas.selectors import availability
from logistics.parcels.models import Parcel
from orders.payments.models import Payment, Refund
from tests.factories import catalogue, coupons, orders, storefronts
from tests.support import desk

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")


@pytest.fixture
def english():
    return desk.seat(desk.superuser(), "en")


def cards(browser):
    return {card.title: card for card in browser.get(INDEX).context["cards"]}


def test_orders_and_money_of_today_are_counted_and_those_of_yesterday_are_not(english):
    today = timezone.now()
    product = catalogue.a_product(price_fen=1_990)
    orders.an_order(None, [(product, 2)], paid=True, now=today)
    orders.an_order(None, [(product, 1)], now=today)
    orders.an_order(None, [(product, 5)], paid=True, now=today - timedelta(days=2))

    shown = cards(english)

    assert shown["Orders today"].figure == "2"
    assert (shown["Paid today"].figure, shown["Paid today"].note) == ("¥39.80", "1 paid")


def test_what_waits_is_counted_and_leads_to_its_list(market, english, now):
    Delivery.objects.filter(pk=market.delivery.pk).update(
        state=DeliveryState.PARKED, parked_at=now, done_at=None
    )
    Parcel.objects.filter(pk=market.parcel.pk).update(parked_at=now, next_attempt_at=None)
    Refund.objects.filter(pk=market.refund.pk).update(state="PARKED")
    Payment.objects.filter(pk=market.payment.pk).update(state="QUARANTINED", verdict="QUARANTINED")
    coupons.decided(market.drafted, "submit")

    shown = cards(english)

    for title, row in (
        ("Shops waiting for review", market.waiting_shop),
        ("Coupon batches in review", market.drafted),
        ("Refunds on their way", market.refund),
        ("Payments held", market.payment),
        ("Parked deliveries", market.delivery),
        ("Parked parcels", market.parcel),
    ):
        card = shown[title]
        assert card.figure == "1", title
        assert card.mood in {"waits", "alarm"}, title
        assert list(english.get(card.link).context["cl"].result_list) == [row], title
    assert shown["Refunds on their way"].note == "¥1.00, 1 parked"


def test_a_quiet_market_alarms_nobody(english):
    assert {card.mood for card in cards(english).values()} == {""}


def test_a_reviewer_counts_only_the_shops_of_their_region(market):
    assert market.waiting_shop.region == "420527"

    def waiting(region):
        browser = desk.seat(desk.staff(Role.REVIEWER, region), "en")
        return cards(browser)["Shops waiting for review"].figure

    assert (waiting("420000"), waiting("520000")) == ("1", "0")


def test_budgets_stand_there_as_bars_with_what_is_left(english):
    batch = coupons.a_batch()
    coupons.a_coupon(desk.superuser(), batch)
    budget = batch.funding.get().budget
    left = availability.left([budget.quota_id])[budget.quota_id]

    (panel,) = english.get(INDEX).context["panels"]

    assert "console-bar" in panel.body
    assert f"available ¥{left // 100:,}.{left % 100:02d}" in panel.body


def test_the_page_costs_as_much_with_many_orders_as_with_few(english, market, queries_of):
    few = queries_of(lambda: english.get(INDEX))

    desk.more(market)

    assert queries_of(lambda: english.get(INDEX)) == few <= 16


def test_deliveries_that_are_done_are_listed_only_when_asked_for(english, market, now):
    address = reverse("admin:outbox_delivery_changelist")
    Delivery.objects.filter(pk=market.delivery.pk).update(state=DeliveryState.DONE, done_at=now)

    def listed(**query):
        return set(english.get(address, query).context["cl"].result_list)

    assert market.delivery not in listed()
    assert listed(state="DONE") == {market.delivery}
    assert listed(state="ALL") == listed() | {market.delivery}


def test_lists_are_narrowed_by_code_and_by_day(english):
    shop = storefronts.open_shop()
    product = catalogue.a_product(shop)
    new = orders.an_order(None, [(product, 1)], now=timezone.now())
    old = orders.an_order(None, [(product, 1)], now=timezone.now() - timedelta(days=9))
    address = reverse("admin:placement_order_changelist")

    def listed(**query):
        return set(english.get(address, query).context["cl"].result_list)

    assert listed() == listed(days="30") == listed(state="PENDING_PAYMENT") == {new, old}
    assert listed(days="1") == {new}
    assert listed(state="PAID") == set()
    assert listed(q=old.number) == {old}
