"""Orders with a shop's full reduction and a coupon for freight: priced, frozen, booked, undone."""

import pytest
from django.db import IntegrityError, transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.ledger.selectors import balances
from core.quotas.selectors import availability
from marketplace.reductions.services import reductions
from orders.placement.domain import refunding
from orders.placement.domain.refunding import Borne
from orders.placement.models import LineDiscount, OrderLine, ShopOrder
from orders.placement.selectors import history, quotes, shown
from orders.placement.selectors.quotes import Coupons
from orders.placement.services import books, lifecycle
from tests.factories.accounts import a_user
from tests.factories.activities import an_activity
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.freight import FREE_OVER_99, a_template
from tests.factories.orders import a_checkout, an_order, place, wanted
from tests.factories.reductions import a_reduction, sent_for_less
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db
SHANGHAI = "310101"


def broken():
    rooms = ("placement.", "reductions.", "coupons.", "quotas.", "ledger.")
    asked = [name for name in reconciling.names() if name.startswith(rooms)]
    return [result.name for result in reconciling.run(asked) if not result.is_held]


@pytest.fixture
def buyer():
    return a_user()


@pytest.fixture
def market(now):
    return sent_for_less(now)


def figures(budget):
    found = availability.figures([budget.quota_id])[budget.quota_id]
    return found.held, found.spent


def test_goods_and_freight_are_paid_to_the_fen_and_frozen_with_who_bore_what(market, buyer, now):
    coupon = market.freight_coupon(buyer)

    order = an_order(buyer, market.lines, coupons=[coupon], now=now)

    # 80.00 - 12.00, and 18.00 - 10.00 for sending.
    assert (order.goods_fen, order.discount_fen) == (8_000, 1_200)
    assert (order.freight_fen, order.payable_fen) == (800, 7_600)
    line = OrderLine.objects.get()
    assert (line.paid_fen, line.freight_fee_fen, line.freight_fen) == (6_800, 1_800, 800)
    assert set(
        LineDiscount.objects.values_list(
            "kind", "funder", "amount_fen", "coupon_reference", "reduction_id"
        )
    ) == {
        ("SHOP_REDUCTION", "SHOP", 1_200, None, market.reduction.pk),
        ("PLATFORM_FREIGHT", "PLATFORM", 700, coupon.reference, None),
        ("PLATFORM_FREIGHT", "SHOP", 300, coupon.reference, None),
    }


def test_the_platforms_part_of_the_freight_goes_to_the_shop_and_bears_no_commission(
    market, buyer, now
):
    order = an_order(buyer, market.lines, True, [market.freight_coupon(buyer)], now)

    shop = str(market.product.shop.reference)
    assert balances.entry_postings("ORDER_PAID", str(order.reference)) == {
        ("PROVIDER_CLEARING", "sandbox"): 7_600,
        ("SUBSIDY", str(market.budget.reference)): 700,
        ("SHOP_PAYABLE", shop): -8_300,
    }
    # Held 7.00 at the claim, and 7.00 were spent.
    assert figures(market.budget) == (0, 700)
    part = ShopOrder.objects.get()
    with transaction.atomic():
        books.post_completed([part.pk], now=now, actor=SYSTEM)
    # The base is 68.00: the sale less what the shop took off itself, and no freight.
    rate = part.commission_bp
    assert balances.entry_postings("SHOP_ORDER_COMPLETED", str(part.reference)) == {
        ("SHOP_PAYABLE", shop): 6_800 * rate // 10_000,
        ("PLATFORM_REVENUE", ""): -6_800 * rate // 10_000,
    }
    assert rate > 0


def test_an_order_that_is_undone_gives_each_funder_its_part_back(market, buyer, now):
    coupon = market.freight_coupon(buyer)
    order = an_order(buyer, market.lines, True, [coupon], now)

    with transaction.atomic():
        assert lifecycle.close_refunded(order.pk, now=now, actor=SYSTEM)

    assert balances.entry_postings("ORDER_CLOSED", str(order.reference)) == {
        ("REFUND_CLEARING", "sandbox"): -7_600,
        ("SUBSIDY", str(market.budget.reference)): -700,
        ("SHOP_PAYABLE", str(market.product.shop.reference)): 8_300,
    }
    coupon.refresh_from_db()
    assert coupon.state == "UNUSED"
    assert figures(market.budget) == (700, 0)
    assert OrderLine.objects.get().refunded_fen == 7_600
    assert broken() == []


def test_everything_holds_while_it_lives(market, buyer, now):
    an_order(buyer, market.lines, True, [market.freight_coupon(buyer)], now)
    an_order(a_user(), market.lines, now=now)

    assert broken() == []


def test_a_reduction_alone_touches_no_coupon_and_no_budget(market, buyer, now):
    order = an_order(buyer, market.lines, True, now=now)

    assert (order.payable_fen, figures(market.budget)) == (6_800 + 1_800, (0, 0))
    with transaction.atomic():
        assert lifecycle.close_refunded(order.pk, now=now, actor=SYSTEM)
    assert broken() == []


def test_the_order_shows_what_the_quote_showed(market, buyer, now):
    coupon = market.freight_coupon(buyer)
    checkout = a_checkout(buyer, market.lines, [coupon], now)
    quote = quotes.quote(
        buyer_id=buyer.pk,
        wanted=wanted(*market.lines),
        region=SHANGHAI,
        coupons=Coupons([coupon.reference]),
        now=now,
    )
    (told,) = shown.price_of(quote)["shops"]

    order = place(buyer, checkout, now)
    (kept,) = shown.order_of(history.order(buyer_id=buyer.pk, reference=order.reference), {}, now)[
        "shop_orders"
    ]

    (told_line,), (kept_line,) = told["lines"], kept["lines"]
    for name in ("discounts", "freight_discounts"):
        assert [_plain(one) for one in told_line[name]] == [_plain(one) for one in kept_line[name]]
    for name in ("sale_fen", "paid_fen", "freight_fee_fen", "freight_fen"):
        assert told_line[name] == kept_line[name]
    for name in ("goods_fen", "discount_fen", "freight_fee_fen", "freight_fen", "payable_fen"):
        assert told[name] == kept[name]
    assert [one["source"] for one in kept_line["discounts"]] == ["SHOP_REDUCTION"]
    assert [one["source"] for one in kept_line["freight_discounts"]] == ["PLATFORM_FREIGHT"]


def _plain(discount):
    named = {name: discount[name] and str(discount[name]) for name in ("coupon", "reduction")}
    return discount | named


def test_a_part_of_the_line_goes_back_with_what_each_bore_of_it(market, buyer, now):
    an_order(buyer, [(market.product, 3)], coupons=[market.freight_coupon(buyer)], now=now)
    line = OrderLine.objects.get()
    borne = [Borne(*row) for row in line.discounts.values_list("kind", "funder", "amount_fen")]

    units = refunding.of_units(
        unit_sale_fen=line.unit_price_fen,
        quantity=line.quantity,
        paid_fen=line.paid_fen,
        borne=borne,
        refunded=0,
        units=1,
    )
    freight = refunding.of_freight(
        fee_fen=line.freight_fee_fen,
        paid_fen=line.freight_fen,
        borne=borne,
        refunded_fen=0,
        fen=line.freight_fee_fen,
    )

    assert (units.paid_fen, units.by_kind) == (7_600, {"SHOP_REDUCTION": {"SHOP": 400}})
    assert freight.paid_fen == line.freight_fen
    assert freight.by_kind == {"PLATFORM_FREIGHT": {"PLATFORM": 700, "SHOP": 300}}


def test_goods_at_an_activity_price_are_left_out_unless_the_shop_says_so(buyer, now):
    product = a_product(price_fen=9_000)
    an_activity(product, now=now, price_fen=8_500, starts_at=now, kind="PRICE")
    reduction = a_reduction(product.shop, now=now)

    plain = a_checkout(buyer, [(product, 1)], now=now).expected_payable_fen
    with transaction.atomic():
        reductions.end(reduction, actor=SYSTEM, now=now)
    a_reduction(product.shop, now=now, allow_on_activity_price=True)
    allowed = a_checkout(buyer, [(product, 1)], now=now).expected_payable_fen

    assert (plain, allowed) == (8_500, 8_500 - 1_200)


def test_free_shipping_is_tested_on_what_the_reduction_left(buyer, now):
    shop = open_shop()
    product = a_product(shop, 10_500, freight_template=a_template(shop, FREE_OVER_99).reference)
    before = a_checkout(buyer, [(product, 1)], now=now).expected_payable_fen
    a_reduction(shop, now=now)

    after = a_checkout(buyer, [(product, 1)], now=now).expected_payable_fen

    # 105.00 travel free from 99.00 on; 93.00 are sent for 18.00.
    assert (before, after) == (10_500, 9_300 + 1_800)


def test_a_reduction_costs_no_statement_more(buyer, now, queries_of):
    first, second = a_product(price_fen=9_000), a_product(price_fen=9_000)

    def asked():
        lines = wanted((first, 1), (second, 1))
        return quotes.quote(
            buyer_id=buyer.pk, wanted=lines, region=SHANGHAI, coupons=Coupons((), True), now=now
        )

    asked()
    plain = queries_of(asked)
    for product in (first, second):
        a_reduction(product.shop, product, now=now)

    assert queries_of(asked) == plain
    assert asked().price.discount_fen == 2_400


def test_neither_a_reduction_nor_freight_costs_a_statement_more_to_place(market, now, queries_of):
    plain, reduced = a_product(price_fen=21_000), market.product
    first, second = a_user(), a_user()
    coupon, for_freight = a_coupon(first, a_batch(), now), market.freight_coupon(second)
    ordinary = a_checkout(first, [(plain, 1)], [coupon], now)
    for_less = a_checkout(second, [(reduced, 1)], [for_freight], now)
    an_order(now=now)

    statements = queries_of(lambda: place(first, ordinary, now))

    assert queries_of(lambda: place(second, for_less, now)) == statements


def test_the_best_coupons_are_chosen_with_the_reduction_and_the_freight_in_mind(market, buyer, now):
    shop = market.product.shop
    freight = market.freight_coupon(buyer)
    small = a_coupon(buyer, a_batch(shop, threshold_fen=8_000, amount_fen=500), now)
    large = a_coupon(buyer, a_batch(shop, threshold_fen=8_000, amount_fen=900), now)
    dear = a_coupon(buyer, a_batch(threshold_fen=20_000), now)
    strange = a_coupon(buyer, a_batch(a_product().shop), now)

    quote = quotes.quote(
        buyer_id=buyer.pk,
        wanted=wanted(*market.lines),
        region=SHANGHAI,
        coupons=Coupons(is_best=True),
        now=now,
    )

    # The reduction leaves 68.00 and spoils no threshold of 80.00.
    assert set(quote.price.used) == {str(freight.reference), str(large.reference)}
    assert quote.price.payable_fen == 8_000 - 1_200 - 900 + 800
    reasons = {reason.facts["coupon"]: reason for reason in quote.not_used}
    assert {coupon: reason.code for coupon, reason in reasons.items()} == {
        str(small.reference): "COUPON_LESS_OFF",
        str(dear.reference): "COUPON_BELOW_THRESHOLD",
        str(strange.reference): "COUPON_OUT_OF_SCOPE",
    }
    assert reasons[str(dear.reference)].facts["short_fen"] == 12_000


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "SHOP_COUPON"}, "placement_linediscount_source_fits_the_kind"),
        ({"reduction": None}, "placement_linediscount_source_fits_the_kind"),
        ({"kind": "SOMETHING"}, "placement_linediscount_source_fits_the_kind"),
    ],
)
def test_the_database_refuses_a_discount_from_nowhere(market, buyer, now, changes, constraint):
    an_order(buyer, market.lines, now=now)

    with pytest.raises(IntegrityError, match=constraint):
        LineDiscount.objects.filter(kind="SHOP_REDUCTION").update(**changes)


def test_the_database_refuses_that_others_bear_what_a_shop_takes_off(market, buyer, now):
    an_order(buyer, market.lines, now=now)

    with pytest.raises(IntegrityError, match="placement_linediscount_shops_bear_their_own"):
        LineDiscount.objects.filter(kind="SHOP_REDUCTION").update(
            funder="PLATFORM", budget_reference=market.budget.reference
        )


def test_the_database_refuses_that_a_buyer_pays_more_freight_than_is_charged(market, buyer, now):
    an_order(buyer, market.lines, now=now)

    with pytest.raises(IntegrityError, match="placement_orderline_freight_within_fee"):
        OrderLine.objects.update(freight_fee_fen=0)
