"""Two who set up full reductions of the same goods at once; an end against buyers."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from core import reconciling
from core.audit.actors import SYSTEM, Actor
from core.transactions import entry
from marketplace.reductions.models import ShopReduction
from marketplace.reductions.services import reductions
from orders.placement.models import LineDiscount, Order
from orders.placement.services import placement
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.orders import a_checkout
from tests.factories.reductions import a_draft, a_reduction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]
NAME = "reductions_reductioncover_one_at_an_instant"


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def broken():
    asked = [name for name in reconciling.names() if name.startswith(("reductions.", "placement."))]
    return [result.name for result in reconciling.run(asked) if not result.is_held]


# --- Two for the same goods -----------------------------------------------------------------------


def set_up_at_once(at_once, now):
    """Several want the same goods, named in another order, or all that the shop sells."""
    products = [a_product()]
    products += [a_product(products[0].shop) for _ in range(3)]
    shop = products[0].shop
    drafts = [
        a_draft(*products, now=now),
        a_draft(*products[::-1], now=now),
        a_draft(products[2], now=now),
        a_draft(now=now),
    ]
    calls = [
        partial(entry(reductions.set_up), shop, draft, actor=SYSTEM, now=now) for draft in drafts
    ]
    return at_once(*calls)


def test_of_several_for_the_same_goods_no_two_remain(at_once, now):
    outcomes = set_up_at_once(at_once, now)

    assert set(kinds(outcomes)) <= {"ShopReduction", "ReductionOverlap", "Busy"}
    assert kinds(outcomes).count("ShopReduction") >= 1
    assert ShopReduction.objects.count() == kinds(outcomes).count("ShopReduction")
    assert broken() == []


def test_canary_without_the_constraint_there_are_several(at_once, now):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [NAME]
        )
        [definition] = cursor.fetchone()
        cursor.execute(f"ALTER TABLE reductions_reductioncover DROP CONSTRAINT {NAME}")
    try:
        assert kinds(set_up_at_once(at_once, now)) == ["ShopReduction"] * 4
        assert broken() == ["reductions.one_per_product"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE reductions_shopreduction CASCADE")
            cursor.execute(
                f"ALTER TABLE reductions_reductioncover ADD CONSTRAINT {NAME} {definition}"
            )


# --- The end against buyers -----------------------------------------------------------------------


def end_while_they_buy(at_once, now):
    product = a_product(price_fen=8_000, stock=100)
    reduction = a_reduction(product.shop, now=now)
    buyers = [a_user() for _ in range(6)]
    calls = [
        partial(
            entry(placement.place_order),
            buyer.pk,
            a_checkout(buyer, [(product, 1)], now=now),
            actor=Actor(buyer.pk),
            now=now,
        )
        for buyer in buyers
    ]
    ending = partial(entry(reductions.end), reduction, actor=SYSTEM, now=now)
    return at_once(ending, *calls)


def test_everybody_pays_what_they_were_told_or_is_told_anew(at_once, now):
    outcomes = end_while_they_buy(at_once, now)

    assert set(kinds(outcomes)) <= {"NoneType", "Placed", "QuoteStale"}
    placed = kinds(outcomes).count("Placed")
    assert set(Order.objects.values_list("payable_fen", flat=True)) <= {6_800}
    assert LineDiscount.objects.count() == Order.objects.count() == placed
    assert broken() == []


def test_canary_who_does_not_compare_takes_another_price_than_was_told(at_once, now, monkeypatch):
    monkeypatch.setattr(placement, "_agree", lambda *_: None)
    product = a_product(price_fen=8_000)
    reduction = a_reduction(product.shop, now=now)
    buyer = a_user()
    checkout = a_checkout(buyer, [(product, 1)], now=now)
    at_once(partial(entry(reductions.end), reduction, actor=SYSTEM, now=now))

    at_once(
        partial(
            entry(placement.place_order), buyer.pk, checkout, actor=Actor(buyer.pk),
            now=now + timedelta(seconds=1),
        )
    )  # fmt: skip

    assert Order.objects.get().payable_fen == 8_000 != checkout.expected_payable_fen
