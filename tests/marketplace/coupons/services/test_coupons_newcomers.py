"""Coupons for new users: nobody with a paid order claims or uses one, and nobody uses two."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core import reconciling
from marketplace.abuse.models import Trace
from marketplace.abuse.services.watching import NotANewUser
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import ClaimCount, PurchaseCount, UserCoupon
from marketplace.coupons.selectors import newcomers as known
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import claims, newcomers, redemption
from orders.placement.models import Order
from orders.placement.selectors import quotes
from orders.placement.services import lifecycle, placement
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.factories.orders import a_checkout, an_order, paid_for, place, wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return a_user()


@pytest.fixture
def goods():
    return a_product(price_fen=6_000, stock=50)


def for_newcomers(**changes):
    """30.00 off for new users, without a threshold."""
    return a_batch(kind="NEW_USER", threshold_fen=None, per_user_limit=5, **changes)


def claim(user, batch, now):
    with transaction.atomic():
        return claims.claim(user.pk, batch.reference, now)


def quoted(user, goods, now, coupons):
    return quotes.quote(
        buyer_id=user.pk,
        wanted=wanted((goods, 1)),
        region=an_address(user).region,
        coupons=coupons,
        now=now,
    )


def assert_counted():
    (result,) = reconciling.run(["placement.purchases_are_counted"])
    assert result.is_held, result.findings


def test_a_newcomer_claims_one_and_pays_less(user, goods, now, settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 1
    coupon = claim(user, for_newcomers(), now)
    assert UserCoupon.objects.get().is_for_newcomers
    assert coupon.is_for_newcomers

    order = an_order(user, [(goods, 1)], paid=True, coupons=[coupon], now=now)

    assert (order.payable_fen, UserCoupon.objects.get().state) == (3_000, "USED")
    assert Trace.objects.filter(subject=order.reference, is_as_newcomer=True).exists()
    assert not known.is_new(user.pk)
    assert_counted()


def test_whoever_has_had_a_paid_order_claims_none(user, goods, now):
    batch = for_newcomers()
    an_order(user, [(goods, 1)], paid=True, now=now)

    with pytest.raises(NotANewUser) as refused:
        claim(user, batch, now)

    assert (refused.value.code, refused.value.status) == ("NOT_A_NEW_USER", 409)
    assert (UserCoupon.objects.count(), ClaimCount.objects.count()) == (0, 0)
    claim(user, a_batch(), now)
    claim(a_user(), batch, now)


def test_an_unpaid_order_makes_nobody_old(user, goods, now):
    an_order(user, [(goods, 1)], now=now)

    claim(user, for_newcomers(), now)

    assert known.is_new(user.pk)
    assert_counted()


def test_whoever_bought_meanwhile_cannot_use_what_they_claimed(user, goods, now):
    coupon = claim(user, for_newcomers(), now)
    checkout = a_checkout(user, [(goods, 1)], [coupon], now)
    an_order(user, [(goods, 1)], paid=True, now=now)
    orders = Order.objects.count()

    with pytest.raises(NotANewUser) as refused:
        place(user, checkout, now)

    assert refused.value.facts == {"coupons": [str(coupon.reference)]}
    assert (Order.objects.count(), UserCoupon.objects.get().state) == (orders, "UNUSED")
    asked = quoted(user, goods, now, quotes.Coupons([coupon.reference]))
    assert [problem.code for problem in asked.problems] == ["NOT_A_NEW_USER"]
    assert quoted(user, goods, now, quotes.Coupons(is_best=True)).price.used == ()


def test_the_lock_itself_refuses_where_the_quote_was_a_moment_too_early(user, now):
    coupon = claim(user, for_newcomers(), now)
    with transaction.atomic():
        newcomers.count_purchase(user.pk)

    with pytest.raises(NotANewUser) as refused, transaction.atomic():
        redemption.lock([coupon.reference], user_id=user.pk, order_reference=uuid4(), now=now)

    assert refused.value.facts == {"coupons": [str(coupon.reference)]}
    assert UserCoupon.objects.get().state == "UNUSED"


def test_only_one_first_order_uses_such_a_coupon(user, goods, now):
    first, second = (claim(user, for_newcomers(), now) for _ in range(2))
    checkouts = [a_checkout(user, [(goods, 1)], [coupon], now) for coupon in (first, second)]
    order = place(user, checkouts[0], now)

    with pytest.raises(NotANewUser):
        place(user, checkouts[1], now)

    asked = quoted(user, goods, now, quotes.Coupons([second.reference]))
    assert [problem.code for problem in asked.problems] == ["NOT_A_NEW_USER"]
    with transaction.atomic():
        lifecycle.cancel(order.pk, actor=placement.Actor(user.pk), now=now)
    place(user, checkouts[1], now)
    assert_counted()


def test_a_first_order_that_was_undone_was_none(user, goods, now):
    coupon = claim(user, for_newcomers(), now)
    order = an_order(user, [(goods, 1)], paid=True, coupons=[coupon], now=now)

    with transaction.atomic():
        lifecycle.close_refunded(order.pk, actor=placement.Actor(user.pk), now=now)

    assert known.is_new(user.pk)
    assert PurchaseCount.objects.get().orders == 0
    assert_counted()
    again = an_order(user, [(goods, 1)], paid=True, coupons=[coupon], now=now)
    assert again.payable_fen == 3_000


def test_of_two_paid_orders_one_may_be_undone_and_the_buyer_stays_old(user, goods, now):
    orders = [an_order(user, [(goods, 1)], paid=True, now=now) for _ in range(2)]
    with transaction.atomic():
        lifecycle.close_refunded(orders[0].pk, actor=placement.Actor(user.pk), now=now)

    with pytest.raises(NotANewUser):
        claim(user, for_newcomers(), now)

    assert_counted()


def test_an_order_that_costs_nothing_counts_like_any_other(user, now):
    cheap = a_product(price_fen=1_000)
    coupon = claim(user, for_newcomers(), now)

    order = an_order(user, [(cheap, 1)], coupons=[coupon], now=now)

    order.refresh_from_db()
    assert (order.state, order.payable_fen) == ("PAID", 0)
    assert not known.is_new(user.pk)
    assert_counted()


def test_a_threshold_may_be_set_and_is_tested(user, goods, now):
    batch = a_batch(kind="NEW_USER", threshold_fen=6_001)
    coupon = claim(user, batch, now)

    asked = quoted(user, goods, now, quotes.Coupons([coupon.reference]))

    assert [problem.code for problem in asked.problems] == ["COUPON_BELOW_THRESHOLD"]


def test_reading_terms_costs_no_statement_more_for_newcomers(user, now, queries_of):
    coupon = claim(user, for_newcomers(), now)

    assert queries_of(lambda: wallet.terms_of(user.pk, [coupon.reference], now)) == 2
    assert queries_of(lambda: wallet.usable_terms(user.pk, now)) == 2


def test_money_and_pieces_are_set_aside_as_for_any_coupon(user, goods, now):
    budget = a_budget(5_999)
    batch = for_newcomers(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))

    paid_for(an_order(user, [(goods, 1)], coupons=[claim(user, batch, now)], now=now), now)

    names = ["coupons.coupons_explain_budgets", "coupons.ledger_equals_spent"]
    assert all(result.is_held for result in reconciling.run(names))
    with pytest.raises(claims.money.BudgetExhausted):
        claim(a_user(), batch, now)


def test_the_database_refuses_a_second_first_order_and_a_negative_count(user, now):
    coupons = [a_coupon(user, for_newcomers(), now) for _ in range(2)]
    in_orders = UserCoupon.objects.filter(pk__in=[coupon.pk for coupon in coupons])
    with (
        pytest.raises(IntegrityError, match="coupons_usercoupon_one_first_order"),
        transaction.atomic(),
    ):
        in_orders.update(state="LOCKED", order_reference=uuid4())

    with transaction.atomic():
        newcomers.count_purchase(user.pk)
        newcomers.uncount_purchase(user.pk)
    with (
        pytest.raises(IntegrityError, match="coupons_purchasecount_is_never_negative"),
        transaction.atomic(),
    ):
        newcomers.uncount_purchase(user.pk)
