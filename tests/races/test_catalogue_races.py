"""Two people at one stock or one product at the same instant, each with a canary."""

from functools import partial

import pytest

from core.audit.actors import SYSTEM
from core.quotas.selectors import availability
from core.quotas.services import drawing, opening
from core.transactions import entry
from shops.catalogue.models import Product, ProductCard, StockAdjustment
from shops.catalogue.services import products, stock
from tests.factories.catalogue import a_product
from tests.support.meeting import Meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.parametrize("shards", [1, 16])
def test_the_last_pieces_are_taken_away_once(at_once, now, shards):
    sku = a_product(stock=5, shards=shards).skus.get()
    take = partial(entry(stock.adjust), sku, -5, reason="自用", actor=SYSTEM, now=now)

    outcomes = at_once(take, take, take, take)

    assert kinds(outcomes) == ["StockAdjustment"] + ["StockTooLow"] * 3
    assert availability.left([sku.stock_quota_id]) == {sku.stock_quota_id: 0}
    assert sum(StockAdjustment.objects.values_list("change", flat=True)) == 0


@pytest.mark.parametrize("shards", [1, 16])
def test_a_buyer_and_the_seller_never_both_get_the_last_pieces(at_once, now, shards):
    sku = a_product(stock=5, shards=shards).skus.get()
    buy = partial(entry(drawing.hold), [drawing.Demand(sku.stock_quota_id, 5)], owner="order:1")
    take = partial(entry(stock.adjust), sku, -5, reason="自用", actor=SYSTEM, now=now)

    outcomes = at_once(buy, take)

    refusals = [each for each in outcomes if isinstance(each, Exception)]
    assert kinds(refusals) in (["Exhausted"], ["StockTooLow"])
    assert availability.left([sku.stock_quota_id]) == {sku.stock_quota_id: 0}


def test_of_two_edits_of_one_version_one_wins(at_once, now):
    product = a_product()
    copies = [Product.objects.get(pk=product.pk) for _ in range(4)]
    edits = [
        partial(entry(products.edit), copy, {"title": f"名{n}"}, actor=SYSTEM, now=now)
        for n, copy in enumerate(copies)
    ]

    outcomes = at_once(*edits)

    won = [each for each in outcomes if isinstance(each, Product)]
    assert kinds(outcomes) == ["Product"] + ["ProductChangedMeanwhile"] * 3
    assert ProductCard.objects.get(pk=product.pk).body["title"] == won[0].title


def test_canary_without_the_version_guard_edits_overwrite_each_other(at_once, now, monkeypatch):
    def unguarded(product, moment, **values):
        Product.objects.filter(pk=product.pk).update(changed_at=moment, **values)

    monkeypatch.setattr(products, "_touch", unguarded)
    product = a_product()
    copies = [Product.objects.get(pk=product.pk) for _ in range(4)]
    edits = [
        partial(entry(products.edit), copy, {"title": f"名{n}"}, actor=SYSTEM, now=now)
        for n, copy in enumerate(copies)
    ]

    assert kinds(at_once(*edits)) != ["Product"] + ["ProductChangedMeanwhile"] * 3


def test_canary_without_locked_shards_the_seller_takes_too_much(at_once, now, monkeypatch):
    def unlocked(quota_id, amount):
        shards = list(opening.QuotaShard.objects.filter(quota_id=quota_id))
        if sum(shard.total - shard.held - shard.spent for shard in shards) < amount:
            raise drawing.Exhausted(quota_id, amount, 0)
        both_have_looked.come()
        for shard in shards:
            type(shard).objects.filter(pk=shard.pk).update(total=shard.total - amount)

    both_have_looked = Meeting(2)
    monkeypatch.setattr(opening, "shrink", unlocked)
    sku = a_product(stock=5).skus.get()
    take = partial(entry(stock.adjust), sku, -5, reason="自用", actor=SYSTEM, now=now)

    assert kinds(at_once(take, take)) == ["StockAdjustment"] * 2
    assert sum(StockAdjustment.objects.values_list("change", flat=True)) == -5
