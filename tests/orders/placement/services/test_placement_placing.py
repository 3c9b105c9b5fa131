from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core.audit.actors import Actor
from core.audit.history import life_of
from core.errors import NotFound
from core.ledger.selectors import balances
from core.quotas.models import QuotaHold
from core.quotas.selectors import availability
from logistics.freight.domain.tariff import ChargeBy, Mode, Rule, Tariff
from logistics.freight.models import FreightTemplate
from logistics.freight.services import templates
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.domain.kinds import CouponKind, Funder
from marketplace.coupons.services.redemption import CouponNotUsable
from orders.baskets.selectors import baskets as shown_baskets
from orders.baskets.services import baskets
from orders.placement.domain import numbers, problems
from orders.placement.models import Order, OrderLine
from orders.placement.services import placement
from shops.catalogue.services import publication
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.factories.example_a import free_shipping
from tests.factories.orders import a_checkout, an_order, place, wanted
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db


def stock_of(product):
    return availability.figures([product.skus.get().stock_quota_id])[
        product.skus.get().stock_quota_id
    ]


def assert_nothing_happened():
    assert Order.objects.count() == OrderLine.objects.count() == 0
    assert not QuotaHold.objects.filter(owner__startswith="order:").exists()


def filled_basket(buyer, product, quantity, now):
    with transaction.atomic():
        sku = product.skus.get().reference
        baskets.put(buyer.pk, sku, quantity, check=lambda _: None, now=now)
    return shown_baskets.of_owner(buyer.pk)


def test_an_order_holds_its_stock_and_waits_for_its_payment(now, settings):
    product = a_product(stock=5)

    order = an_order(lines=[(product, 2)], now=now)

    assert order.state == "PENDING_PAYMENT"
    assert order.pay_before == now + timedelta(minutes=settings.MARKETPLACE_UNPAID_MINUTES)
    figures = stock_of(product)
    assert (figures.held, figures.spent, figures.free) == (2, 0, 3)
    assert numbers.is_number(order.number)
    assert [step.action for step in life_of("order", order.pk)] == ["create"]


def test_the_address_is_kept_as_it_was_and_sealed(now):
    order = an_order(now=now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, phone, street FROM placement_order")
        stored = cursor.fetchone()
    order.refresh_from_db()
    assert order.recipient == "王小明"
    assert all(order.recipient not in text and "13812345678" not in text for text in stored)


def test_a_price_that_moved_is_told_with_the_new_one_and_nothing_is_ordered(now):
    buyer, product = a_user(), a_product(price_fen=1_990)
    checkout = a_checkout(buyer, [(product, 2)], now=now, expected_payable_fen=3_000)

    with pytest.raises(placement.QuoteStale) as refused:
        place(buyer, checkout, now)

    facts = refused.value.facts
    assert (facts["payable_fen"], facts["expected_payable_fen"]) == (3_980, 3_000)
    assert facts["quote"]["shops"][0]["lines"][0]["sale_fen"] == 3_980
    assert_nothing_happened()


def test_more_than_is_there_cannot_be_ordered(now):
    buyer, product = a_user(), a_product(stock=1)

    with pytest.raises(problems.OutOfStock) as refused:
        place(buyer, a_checkout(buyer, [(product, 2)], now=now), now)

    assert (refused.value.facts["asked"], refused.value.facts["available"]) == (2, 1)
    assert_nothing_happened()


def test_what_was_taken_off_sale_cannot_be_ordered(now):
    buyer, product = a_user(), a_product()
    checkout = a_checkout(buyer, [(product, 1)], now=now)
    with transaction.atomic():
        publication.withdraw(product, actor=Actor(None), now=now)

    with pytest.raises(problems.NotOnSale) as refused:
        place(buyer, checkout, now)

    assert refused.value.facts["skus"] == [str(product.skus.get().reference)]
    assert_nothing_happened()


def test_a_shop_that_does_not_send_there_cannot_be_ordered_from(now):
    buyer, shop = a_user(), open_shop()
    product = a_product(shop, freight_template=free_shipping(shop, frozenset({"310000"})))

    with pytest.raises(problems.NotDeliverable) as refused:
        place(buyer, a_checkout(buyer, [(product, 1)], now=now), now)

    assert refused.value.status == 422
    assert refused.value.facts == {"shop": str(shop.reference), "region": "310101"}
    assert_nothing_happened()


def test_freight_is_charged_by_the_shops_template_and_owed_to_the_shop(now):
    shop = open_shop()
    everywhere = Rule(frozenset(), 1_000, 800, 1_000, 200)
    tariff = Tariff(ChargeBy.WEIGHT, Mode.PAID, (everywhere,), (), frozenset())
    with transaction.atomic():
        key = templates.create(shop.pk, templates.Draft("按重", tariff, 48), now=now)
    template = FreightTemplate.objects.get(pk=key).reference
    product = a_product(
        shop, 3_000, net_weight_g=4_500, gross_weight_g=4_900, freight_template=template
    )

    order = an_order(lines=[(product, 2)], paid=True, now=now)

    # Two boxes of 4.9 kg to Shanghai: 8.00 + 9 x 2.00 (`domain.md` 2.6).
    assert (order.goods_fen, order.freight_fen, order.payable_fen) == (6_000, 2_600, 8_600)
    assert OrderLine.objects.get().freight_fen == 2_600
    assert balances.balance_of("SHOP_PAYABLE", str(shop.reference)) == -8_600


def test_a_coupon_in_one_order_cannot_be_used_in_another(now):
    buyer, product = a_user(), a_product(price_fen=30_000)
    coupon = a_coupon(buyer, a_batch(), now)
    checkout = a_checkout(buyer, [(product, 1)], [coupon], now)
    place(buyer, checkout, now)

    with pytest.raises(CouponNotUsable):
        place(buyer, checkout, now)

    assert Order.objects.count() == 1


def test_somebody_elses_coupon_and_address_are_not_there(now):
    buyer, product = a_user(), a_product(price_fen=30_000)
    other = a_user()
    coupon = a_coupon(other, a_batch(), now)
    checkout = a_checkout(buyer, [(product, 1)], now=now)

    with pytest.raises(NotFound):
        place(buyer, replace(checkout, coupons=[coupon.reference]), now)
    with pytest.raises(NotFound):
        place(buyer, replace(checkout, address=an_address(other).reference), now)

    assert_nothing_happened()


def test_a_coupon_that_takes_nothing_off_is_refused_instead_of_wasted(now):
    buyer, product = a_user(), a_product(price_fen=1_000)
    coupon = a_coupon(buyer, a_batch(), now)

    with pytest.raises(problems.CouponBelowThreshold) as refused:
        place(buyer, a_checkout(buyer, [(product, 1)], [coupon], now), now)

    assert refused.value.facts["short_fen"] == 19_000
    coupon.refresh_from_db()
    assert coupon.state == "UNUSED"


def test_an_empty_basket_cannot_be_ordered(now):
    buyer = a_user()
    checkout = placement.Checkout(
        an_address(buyer).reference, 0, basket=shown_baskets.of_owner(buyer.pk)
    )

    with pytest.raises(placement.EmptyBasket):
        place(buyer, checkout, now)


def test_ordering_the_basket_empties_it(now):
    buyer, product = a_user(), a_product(price_fen=1_990)
    basket = filled_basket(buyer, product, 2, now)
    checkout = placement.Checkout(an_address(buyer).reference, 3_980, basket=basket)

    order = place(buyer, checkout, now)

    assert (order.basket_id, order.basket_version) == (basket.id, basket.version)
    after = shown_baskets.of_owner(buyer.pk)
    assert (after.lines, after.version) == ((), basket.version + 1)


def test_a_basket_that_was_changed_since_it_was_read_is_not_ordered(now):
    buyer, product = a_user(), a_product(price_fen=1_990)
    basket = filled_basket(buyer, product, 2, now)
    filled_basket(buyer, product, 3, now)
    checkout = placement.Checkout(an_address(buyer).reference, 3_980, basket=basket)

    with pytest.raises(baskets.BasketChanged):
        place(buyer, checkout, now)

    assert_nothing_happened()


def test_an_order_that_costs_nothing_is_paid_by_being_placed(now):
    buyer, product = a_user(), a_product(price_fen=2_000)
    budget = a_budget()
    batch = a_batch(
        kind=CouponKind.DIRECT,
        threshold_fen=None,
        amount_fen=3_000,
        funding=(WantedFunding(Funder.PLATFORM, 10_000, budget.reference),),
    )
    checkout = a_checkout(buyer, [(product, 1)], [a_coupon(buyer, batch, now)], now)

    order = place(buyer, checkout, now)

    assert (order.payable_fen, order.state) == (0, "PAID")
    order.refresh_from_db()
    assert (order.state, order.paid_through) == ("PAID", "")
    figures = stock_of(product)
    assert (figures.held, figures.spent) == (0, 1)


def test_who_orders_for_somebody_else_is_kept_on_the_line(now):
    villager, keeper, product = a_user(), a_user(), a_product()
    checkout = a_checkout(villager, [(product, 1)], now=now)

    with transaction.atomic():
        placed = placement.place_order(
            villager.pk, checkout, actor=Actor(keeper.pk, villager.pk), now=now
        )

    assert placed.order.buyer_id == villager.pk
    assert OrderLine.objects.get().acted_by_id == keeper.pk


def test_orders_of_one_morning_have_numbers_that_do_not_follow_one_another(now):
    product = a_product()

    made = [an_order(lines=[(product, 1)], now=now).number for _ in range(5)]

    assert len(set(made)) == 5
    assert len({number[:3] for number in made}) > 1


def test_the_same_lines_are_wanted_in_any_order_at_the_same_price(now):
    buyer, first, second = a_user(), a_product(price_fen=1_001), a_product(price_fen=2_002)

    one = a_checkout(buyer, [(first, 1), (second, 2)], now=now)
    other = a_checkout(buyer, [(second, 2), (first, 1)], now=now)

    assert one.expected_payable_fen == other.expected_payable_fen == 5_005
    assert wanted((first, 1)) == [one.lines[0]]
