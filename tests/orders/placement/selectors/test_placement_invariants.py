"""Every invariant of orders has a canary: one row corrupted by SQL, and it reports exactly that."""

import pytest
from django.db import connection

from core import reconciling
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.models import Parcel
from logistics.parcels.services import tracking
from orders.placement.models import ShopOrder
from tests.factories.activities import an_activity
from tests.factories.catalogue import a_product
from tests.factories.example_a import example_a
from tests.factories.orders import a_checkout, an_order, completed, paid_for, place
from tests.factories.reductions import sent_for_less
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db

MINE = "placement."


def broken():
    names = [name for name in reconciling.names() if name.startswith(MINE)]
    return {result.name: result.broken for result in reconciling.run(names) if not result.is_held}


@pytest.fixture
def market(now):
    """Orders in every state: unpaid with coupons, paid, cancelled, completed; one reduced."""
    found = example_a()
    coupons = [found.shop_coupon, found.platform_coupon]
    lines = [(found.goods["A1"], 5), (found.goods["B1"], 2)]
    paid_for(place(found.buyer, a_checkout(found.buyer, lines, coupons, now), now), now)
    finished = an_order(found.buyer, [(found.goods["A2"], 1)], paid=True, now=now)
    an_order(found.buyer, [(found.goods["B2"], 1)], now=now)
    promoted = a_product(found.goods["B2"].shop)
    an_activity(promoted, per_user_limit=3)
    an_order(found.buyer, [(promoted, 1)], paid=True, now=now)
    reduced = sent_for_less(now)
    an_order(found.buyer, reduced.lines, True, [reduced.freight_coupon(found.buyer)], now)
    deliver_all(now)
    parcel = Parcel.objects.get(shop_order_reference=finished.shop_orders.get().reference)
    tracking.hear(
        str(parcel.reference), [Scan(key="signed", state=ParcelState.SIGNED, at=now)], now=now
    )
    deliver_all(now)
    completed(finished.shop_orders.get(), now)
    return found


def corrupt(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount == 1


ONE_DISCOUNT = "(SELECT min(id) FROM placement_linediscount)"


def test_all_invariants_hold_for_orders_in_every_state(market):
    assert broken() == {}
    states = set(ShopOrder.objects.values_list("state", flat=True))
    assert states == {"TO_SHIP", "COMPLETED", "PENDING_PAYMENT"}


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        (
            "line_is_paid_by_buyer_and_funders",
            f"UPDATE placement_linediscount SET amount_fen = amount_fen + 1"
            f" WHERE id = {ONE_DISCOUNT}",
        ),
        (
            "freight_is_paid_by_buyer_and_funders",
            "UPDATE placement_linediscount SET amount_fen = amount_fen + 1"
            " WHERE kind = 'PLATFORM_FREIGHT' AND funder = 'SHOP'",
        ),
        (
            "reductions_took_what_their_tiers_say",
            "UPDATE placement_linediscount SET amount_fen = amount_fen - 1"
            " WHERE kind = 'SHOP_REDUCTION'",
        ),
        (
            "shop_order_is_the_sum_of_its_lines",
            "UPDATE placement_shoporder SET freight_fen = 1, payable_fen = payable_fen + 1"
            " WHERE id = (SELECT min(id) FROM placement_shoporder)",
        ),
        (
            "order_is_the_sum_of_its_parts",
            "UPDATE placement_order SET freight_fen = 1, payable_fen = payable_fen + 1"
            " WHERE id = (SELECT min(id) FROM placement_order)",
        ),
        (
            "order_stands_where_its_parts_stand",
            "UPDATE placement_shoporder SET state = 'TO_SHIP', paid_at = placed_at,"
            " released_at = placed_at"
            " WHERE state = 'PENDING_PAYMENT'",
        ),
        (
            "orders_explain_stock",
            "UPDATE quotas_quotahold SET held = held + 1"
            " WHERE id = (SELECT min(id) FROM quotas_quotahold WHERE owner LIKE 'order:%')",
        ),
        (
            "coupons_stand_where_their_order_stands",
            "UPDATE coupons_usercoupon SET state = 'UNUSED', order_reference = NULL,"
            " used_at = NULL, settled_at = NULL"
            " WHERE id = (SELECT min(id) FROM coupons_usercoupon)",
        ),
        (
            "coupon_uses_are_line_discounts",
            "UPDATE coupons_couponuse SET amount_fen = amount_fen + 1"
            " WHERE id = (SELECT min(id) FROM coupons_couponuse)",
        ),
        (
            "orders_explain_activity_buyers",
            "UPDATE activities_activitybuyer SET bought = bought + 1",
        ),
        (
            "lines_name_the_campaign_of_their_activity",
            "UPDATE placement_orderline SET campaign_reference = gen_random_uuid()"
            " WHERE activity_reference IS NOT NULL",
        ),
        (
            "purchases_are_counted",
            "UPDATE coupons_purchasecount SET orders = orders + 1"
            " WHERE id = (SELECT min(id) FROM coupons_purchasecount)",
        ),
        (
            "completed_shop_orders_paid_commission",
            "UPDATE placement_shoporder SET commission_bp = commission_bp + 500"
            " WHERE state = 'COMPLETED'",
        ),
    ],
)
def test_canary_one_corrupted_row_is_reported(market, name, sql):
    corrupt(sql)

    assert broken().get(f"{MINE}{name}") == 1


def test_canary_a_paid_order_that_was_never_booked_is_reported(market):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE ledger_posting SET amount_fen = amount_fen - 1 WHERE id = (SELECT min(id)"
            " FROM ledger_posting WHERE account = 'SHOP_PAYABLE')"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert broken() == {f"{MINE}ledger_owes_shops_what_orders_earned": 1}


def test_every_invariant_of_orders_has_a_canary():
    names = {name.removeprefix(MINE) for name in reconciling.names() if name.startswith(MINE)}
    parametrized = next(
        mark
        for mark in test_canary_one_corrupted_row_is_reported.pytestmark
        if mark.name == "parametrize"
    )

    proven = {name for name, _ in parametrized.args[1]}
    assert names == proven | {"ledger_owes_shops_what_orders_earned"}
