"""Stock: every change is a row, the figures on cards follow, and corruption is seen."""

import pytest
from django.db import IntegrityError, connection, transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.quotas.selectors import availability
from core.quotas.services import drawing
from shops.catalogue.models import ProductCard, StockAdjustment
from shops.catalogue.services import cards, stock
from tests.factories.catalogue import a_product
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


def total_of(sku):
    return availability.figures([sku.stock_quota_id])[sku.stock_quota_id].total


def adjust(sku, change, now):
    with transaction.atomic():
        return stock.adjust(sku, change, reason="盘点", actor=SYSTEM, now=now)


def hold(sku, amount, owner="order:1"):
    with transaction.atomic():
        drawing.hold([drawing.Demand(sku.stock_quota_id, amount)], owner=owner)


def broken(name):
    (result,) = reconciling.run([name])
    return [(finding.subject, finding.detail) for finding in result.findings]


@pytest.mark.parametrize("shards", [1, 16])
def test_the_journal_explains_the_total(now, shards):
    sku = a_product(stock=100, shards=shards).skus.get()

    adjust(sku, 50, now)
    adjust(sku, -120, now)

    assert total_of(sku) == 30
    assert sorted(sku.adjustments.values_list("change", flat=True)) == [-120, 50, 100]
    assert broken("catalogue.adjustments_explain_totals") == []


@pytest.mark.parametrize("shards", [1, 16])
def test_a_stock_never_shrinks_below_what_is_set_aside(now, shards):
    sku = a_product(stock=10, shards=shards).skus.get()
    hold(sku, 8)

    with pytest.raises(stock.StockTooLow) as refused:
        adjust(sku, -3, now)

    assert (refused.value.facts["asked"], refused.value.facts["left"]) == (3, 2)
    assert total_of(sku) == 10
    assert sku.adjustments.count() == 1


def test_an_empty_opening_writes_no_row():
    sku = a_product(stock=0).skus.get()

    assert not sku.adjustments.exists()
    assert broken("catalogue.adjustments_explain_totals") == []


def test_a_hot_stock_is_spread_and_still_explained():
    sku = a_product(stock=100).skus.get()
    hold(sku, 9)

    with transaction.atomic():
        stock.spread(sku, 16)

    sku.stock_quota.refresh_from_db()
    assert (sku.stock_quota.shards, total_of(sku)) == (16, 100)
    assert broken("catalogue.adjustments_explain_totals") == []


def test_cards_notice_what_sold_out_and_what_came_back(now):
    gone, there = a_product(stock=2), a_product(stock=2)
    sku = gone.skus.get()
    hold(sku, 2)

    with transaction.atomic():
        changed = [cards.refresh_stock(now=now), cards.refresh_stock(now=now)]
    sold_out = dict(ProductCard.objects.values_list("product_id", "in_stock"))
    adjust(sku, 1, now)
    with transaction.atomic():
        changed.append(cards.refresh_stock(now=now))

    assert changed == [1, 0, 1]
    assert sold_out == {gone.pk: False, there.pk: True}
    assert ProductCard.objects.get(pk=gone.pk).in_stock


def test_a_product_is_in_stock_while_one_shard_has_some(now):
    product = a_product(stock=16, shards=16)
    hold(product.skus.get(), 15)

    with transaction.atomic():
        assert cards.refresh_stock(now=now) == 0


def test_sold_pieces_add_up_in_one_statement(queries_of):
    first, second = a_product(), a_product()

    def add():
        with transaction.atomic():
            cards.add_sold({second.pk: 3, first.pk: 2})

    assert queries_of(add) == 1
    add()
    sold = dict(ProductCard.objects.values_list("product_id", "sold"))
    assert sold == {first.pk: 4, second.pk: 6}


def test_preparing_a_card_anew_keeps_what_was_sold(now):
    product = a_product()
    with transaction.atomic():
        cards.add_sold({product.pk: 3})
        cards.prepare([product.pk], now=now)

    assert ProductCard.objects.get(pk=product.pk).sold == 3


def test_preparing_many_cards_costs_as_much_as_preparing_one(queries_of, now):
    products = [a_product() for _ in range(4)]

    def prepare(ids):
        def run():
            with transaction.atomic():
                cards.prepare(ids, now=now)

        return queries_of(run)

    prepare([products[0].pk])
    assert prepare([products[0].pk]) == prepare([each.pk for each in products])


def test_a_total_that_nothing_explains_is_reported():
    sku = a_product(stock=5).skus.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE quotas_quotashard SET total = total + 1 WHERE quota_id = %s",
            [sku.stock_quota_id],
        )

    assert broken("catalogue.adjustments_explain_totals") == [
        (f"sku {sku.pk}", "stock 6, adjustments explain 5")
    ]


@pytest.mark.parametrize(
    "corruption",
    [
        "UPDATE catalogue_productcard SET version = version - 1",
        "UPDATE catalogue_productcard SET price_from_fen = 1",
        "UPDATE catalogue_product SET state = 'WITHDRAWN'",
        "UPDATE catalogue_productcard SET is_listed = false",
        "DELETE FROM catalogue_productcard",
    ],
)
def test_a_card_that_is_not_current_is_reported(corruption, now):
    product = a_product()
    deliver_all(now)
    assert broken("catalogue.cards_are_current") == []
    with connection.cursor() as cursor:
        cursor.execute(corruption)

    assert [subject for subject, _ in broken("catalogue.cards_are_current")] == [
        f"product {product.pk}"
    ]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"change": 0}, "catalogue_stockadjustment_changes_something"),
        ({"reason": ""}, "catalogue_stockadjustment_has_a_reason"),
    ],
)
def test_the_database_refuses_empty_adjustments(changes, constraint):
    a_product()

    with pytest.raises(IntegrityError, match=constraint):
        StockAdjustment.objects.update(**changes)
