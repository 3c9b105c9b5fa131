"""Prices for a time on cards and product pages: read by the clock, corrected soon after."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.audit.actors import SYSTEM
from core.quotas.services import drawing
from marketplace.activities.services import activities, showing
from shops.catalogue.models import ProductCard
from shops.catalogue.selectors import cards as shown
from shops.catalogue.services import cards, products
from tests.factories.activities import an_activity
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def card_of(product, now):
    return shown.shown_at(now)(ProductCard.objects.get(product=product))


def prices(product, now):
    """What a list says at an instant: the price, and what it was."""
    card = card_of(product, now)
    return card["price_from_fen"], card["original_price_fen"]


def test_a_card_says_the_price_of_the_instant_without_being_written_again(now):
    product = a_product(price_fen=1_990)
    activity = an_activity(product, kind="PRICE", price_fen=1_490)
    assert showing.refresh_cards(now=now - 2 * HOUR) == 1
    assert showing.refresh_cards(now=now - 2 * HOUR) == 0

    assert prices(product, activity.starts_at - timedelta(microseconds=1)) == (1_990, None)
    assert prices(product, activity.starts_at) == (1_490, 1_990)
    assert prices(product, activity.ends_at - timedelta(microseconds=1)) == (1_490, 1_990)
    assert prices(product, activity.ends_at) == (1_990, None)

    card = card_of(product, now)
    assert card["unit_price"] == {"price_fen": 298, "per": "kg"}
    assert card["promotion"] == {
        "id": str(activity.reference),
        "kind": "PRICE",
        "ends_at": "2026-11-11T05:00:00.000000Z",
    }


def test_a_product_page_says_it_of_each_size(now):
    sizes = [products.NewSku("5斤装", 1_990, 2_500, 2_800, 50)]
    sizes.append(products.NewSku("10斤装", 3_490, 5_000, 5_500, 50))
    product = a_product(skus=sizes)
    small, large = product.skus.order_by("id")
    an_activity(product, sku_id=large.pk, kind="PRICE", price_fen=2_990)
    showing.refresh_cards(now=now)

    page = shown.page(product.reference, now=now)

    said = {sku["id"]: (sku["price_fen"], sku["original_price_fen"]) for sku in page["skus"]}
    assert said == {
        str(small.reference): (1_990, None),
        str(large.reference): (2_990, 3_490),
    }
    assert (page["price_from_fen"], page["original_price_fen"]) == (1_990, None)


def test_what_was_called_off_or_sold_out_is_said_no_more_and_comes_back(now):
    product, other = a_product(), a_product()
    called_off, scarce = an_activity(product, kind="PRICE"), an_activity(other, quantity=1)
    showing.refresh_cards(now=now)
    assert prices(product, now) == prices(other, now) == (990, 1_990)

    with transaction.atomic():
        activities.end(called_off, actor=SYSTEM, now=now)
        drawing.take(scarce.quota_id, 1)
    assert showing.refresh_cards(now=now) == 2
    assert prices(product, now) == prices(other, now) == (1_990, None)

    with transaction.atomic():
        drawing.untake(scarce.quota_id, 1)
    assert showing.refresh_cards(now=now) == 1
    assert prices(other, now) == (990, 1_990)


def test_a_product_whose_pieces_are_all_set_apart_is_there_while_its_price_counts(now):
    product = a_product(stock=10)
    sku = product.skus.get()
    activity = an_activity(product, kind="PRICE", quantity=10)
    showing.refresh_cards(now=now)

    def is_there(at):
        with transaction.atomic():
            cards.refresh_stock(now=at)
        return card_of(product, at)["in_stock"]

    assert not is_there(activity.starts_at - timedelta(seconds=1))
    assert is_there(now)
    [size] = shown.page(product.reference, now=now)["skus"]
    assert (size["id"], size["available"], size["price_fen"]) == (str(sku.reference), 10, 990)
    assert not is_there(activity.ends_at)


def test_a_page_says_at_once_that_the_last_piece_at_a_price_is_gone(now):
    product = a_product()
    activity = an_activity(product, quantity=1)
    showing.refresh_cards(now=now)

    with transaction.atomic():
        drawing.take(activity.quota_id, 1)

    [size] = shown.page(product.reference, now=now)["skus"]
    assert (size["price_fen"], size["promotion"], size["available"]) == (1_990, None, 99)


@pytest.mark.parametrize("kind", ["GROUP", "PRESALE"])
def test_what_must_be_asked_for_is_on_no_card(now, kind):
    product = a_product()
    an_activity(product, kind=kind)

    assert showing.refresh_cards(now=now) == 0
    assert prices(product, now) == (1_990, None)


def test_a_product_that_changes_keeps_its_dated_prices(now):
    product = a_product()
    an_activity(product, kind="PRICE")
    showing.refresh_cards(now=now)

    with transaction.atomic():
        products.edit(product, {"title": "新橙"}, actor=SYSTEM, now=now)

    assert prices(product, now) == (990, 1_990)


def test_saying_it_costs_one_statement_however_many_there_are(now, queries_of):
    an_activity(now=now - 2 * HOUR)
    one = queries_of(lambda: showing.refresh_cards(now=now))
    for _ in range(4):
        an_activity(now=now - 2 * HOUR)

    assert queries_of(lambda: showing.refresh_cards(now=now)) == one
