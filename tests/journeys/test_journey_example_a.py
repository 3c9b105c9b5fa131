import json
import uuid

import pytest
from django.db import transaction

from core import reconciling
from core.ledger.selectors import balances
from core.quotas.models import QuotaHold
from core.quotas.selectors import availability
from marketplace.coupons.models import UserCoupon
from orders.placement.models import Order, OrderLine
from orders.placement.services import fulfilment, lifecycle
from tests.factories.accounts import bearer
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.example_a import OPENED, example_a
from tests.factories.storefronts import open_shop

QUANTITIES = {"A1": 3, "A2": 1, "B1": 2, "B2": 1}


@pytest.fixture
def market(db):
    return example_a()


@pytest.fixture
def ask(client, market):
    headers = bearer(market.buyer)

    def call(method, address, body=None, key=None):
        extra = dict(headers)
        if key is not None:
            extra["HTTP_IDEMPOTENCY_KEY"] = key
        return client.generic(
            method,
            f"/api/v1/{address}",
            data=_json(body),
            content_type="application/json",
            **extra,
        )

    return call


def _json(body):
    return json.dumps(body) if body is not None else ""


def quote_body(market, **changes):
    return {
        "lines": market.lines(**QUANTITIES),
        "address": str(market.address.reference),
        "coupons": market.coupons(),
    } | changes


def order_body(market, **changes):
    return quote_body(market, expected_payable_fen=19_149) | changes


def place(ask, market, **changes):
    answer = ask("POST", "orders", order_body(market, **changes), key=str(uuid.uuid4()))
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def test_the_quote_gives_example_a_to_the_fen(ask, market):
    answer = ask("POST", "quotes", quote_body(market))

    assert answer.status_code == 200, answer.content.decode()
    quote = answer.json()
    assert (quote["goods_fen"], quote["discount_fen"], quote["freight_fen"]) == (23_149, 4_000, 0)
    assert (quote["payable_fen"], quote["problems"]) == (19_149, [])
    lines = {line["sku"]: line for shop in quote["shops"] for line in shop["lines"]}
    paid = {name: lines[market.sku(name)]["paid_fen"] for name in QUANTITIES}
    assert paid == {"A1": 4_524, "A2": 1_955, "B1": 11_671, "B2": 999}
    assert lines[market.sku("A1")]["discounts"] == [
        {
            "source": "SHOP_COUPON",
            "coupon": str(market.shop_coupon.reference),
            "reduction": None,
            "funders": [{"funder": "SHOP", "amount_fen": 698}],
            "amount_fen": 698,
        },
        {
            "source": "PLATFORM_COUPON",
            "coupon": str(market.platform_coupon.reference),
            "reduction": None,
            "funders": [
                {"funder": "PLATFORM", "amount_fen": 524},
                {"funder": "SHOP", "amount_fen": 224},
            ],
            "amount_fen": 748,
        },
    ]


def test_the_best_coupons_are_found_without_being_named(ask, market):
    answer = ask("POST", "quotes", quote_body(market, coupons=[], best_coupons=True))

    quote = answer.json()
    assert quote["payable_fen"] == 19_149
    assert sorted(quote["coupons"]) == sorted(market.coupons())


def test_the_quote_says_why_every_other_coupon_is_left_out(ask, market):
    first, second = market.shops
    small = a_coupon(market.buyer, a_batch(first, amount_fen=500), OPENED)
    dear = a_coupon(market.buyer, a_batch(second, threshold_fen=20_000), OPENED)
    freight = a_batch(kind="FREIGHT", threshold_fen=None, amount_fen=500)
    sent = a_coupon(market.buyer, freight, OPENED)
    strange = a_coupon(market.buyer, a_batch(open_shop()), OPENED)

    quote = ask("POST", "quotes", quote_body(market, coupons=[], best_coupons=True)).json()

    assert sorted(quote["coupons"]) == sorted(market.coupons())
    reasons = {reason["coupon"]: reason for reason in quote["not_used"]}
    assert {coupon: reason["code"] for coupon, reason in reasons.items()} == {
        str(small.reference): "COUPON_LESS_OFF",
        str(dear.reference): "COUPON_BELOW_THRESHOLD",
        str(sent.reference): "COUPON_NOTHING_LEFT",
        str(strange.reference): "COUPON_OUT_OF_SCOPE",
    }
    missing = reasons[str(dear.reference)]
    assert (missing["short_fen"], missing["short_pieces"]) == (20_000 - 14_599, 0)
    assert missing["detail"] == "未达到优惠券的使用门槛。"


def test_nothing_is_said_of_coupons_that_nobody_asked_about(ask, market):
    quote = ask("POST", "quotes", quote_body(market)).json()

    assert quote["not_used"] == []


def test_a_quote_costs_at_most_eight_statements(ask, market, queries_of):
    by_address = quote_body(market, best_coupons=True)
    by_region = {"region": "310101"} | by_address
    del by_region["address"]
    ask("POST", "quotes", by_address)

    assert queries_of(lambda: ask("POST", "quotes", by_address)) == 8
    assert queries_of(lambda: ask("POST", "quotes", by_region)) == 8


def test_placing_costs_at_most_twenty_five_statements_and_none_more_for_each_sku(
    ask, market, queries_of
):
    three = order_body(market, lines=market.lines(A1=3, A2=1, B1=2), expected_payable_fen=18_150)
    four = order_body(market, lines=market.lines(**QUANTITIES), coupons=[])
    four["expected_payable_fen"] = 23_149
    plain = order_body(market, lines=market.lines(A1=3, A2=1, B1=2), coupons=[])
    plain["expected_payable_fen"] = 22_150

    def asked(body):
        def call():
            answer = ask("POST", "orders", body, key=str(uuid.uuid4()))
            assert answer.status_code == 201, answer.content.decode()

        return queries_of(call)

    assert asked(three) == 13
    assert asked(four) - asked(plain) == 0


def test_example_a_is_placed_paid_and_booked_to_the_fen(ask, market):
    placed = place(ask, market)

    order = Order.objects.get(reference=placed["id"])
    assert (placed["state"], placed["payable_fen"]) == ("PENDING_PAYMENT", 19_149)
    assert [part["number"] for part in placed["shop_orders"]] == [
        f"{placed['number']}-1",
        f"{placed['number']}-2",
    ]
    stock = market.goods["A1"].skus.get().stock_quota_id
    assert availability.left([stock])[stock] == 97
    assert set(UserCoupon.objects.values_list("state", flat=True)) == {"LOCKED"}

    with transaction.atomic():
        assert lifecycle.mark_paid(order.pk, provider="sandbox", now=order.placed_at)

    first, second = (str(shop.reference) for shop in market.shops)
    assert balances.entry_postings("ORDER_PAID", placed["id"]) == {
        ("PROVIDER_CLEARING", "sandbox"): 19_149,
        ("SUBSIDY", str(market.budget.reference)): 2_100,
        ("SHOP_PAYABLE", first): -7_229,
        ("SHOP_PAYABLE", second): -14_020,
    }
    assert set(UserCoupon.objects.values_list("state", flat=True)) == {"USED"}
    figures = availability.figures([stock])[stock]
    assert (figures.held, figures.spent) == (0, 3)


def test_lines_freeze_where_and_by_whose_help_they_were_sold(ask, market):
    placed = place(ask, market)

    line = OrderLine.objects.get(
        shop_order__order__reference=placed["id"], sku__reference=market.sku("A1")
    )
    assert (line.origin_county, line.origin_prefecture, line.origin_province) == (
        "420527",
        "420500",
        "420000",
    )
    assert (line.net_weight_g, line.gross_weight_g) == (15_000, 16_500)
    assert "832" in {programme.slug for programme in line.programmes.all()}
    assert {row.section.slug for row in line.sections.all()} >= {"hubei", "832"}
    assert line.shop_id == market.shops[0].pk
    assert line.acted_by_id is None


def test_undoing_a_paid_order_books_everything_back(ask, market):
    placed = place(ask, market)
    order = Order.objects.get(reference=placed["id"])
    with transaction.atomic():
        lifecycle.mark_paid(order.pk, provider="sandbox", now=order.placed_at)
        fulfilment.plan(placed["id"], now=order.placed_at)

    with transaction.atomic():
        assert lifecycle.close_refunded(order.pk, now=order.placed_at, actor=lifecycle.SYSTEM)

    first, second = (str(shop.reference) for shop in market.shops)
    assert balances.entry_postings("ORDER_CLOSED", placed["id"]) == {
        ("REFUND_CLEARING", "sandbox"): -19_149,
        ("SUBSIDY", str(market.budget.reference)): -2_100,
        ("SHOP_PAYABLE", first): 7_229,
        ("SHOP_PAYABLE", second): 14_020,
    }
    assert set(UserCoupon.objects.values_list("state", flat=True)) == {"UNUSED"}
    held = QuotaHold.objects.filter(owner=lifecycle.owner_of(order))
    assert {(hold.held, hold.spent) for hold in held} == {(0, 0)}
    assert [result for result in reconciling.run(_mine()) if not result.is_held] == []


def _mine():
    return [name for name in reconciling.names() if name.startswith(("placement.", "quotas."))]
