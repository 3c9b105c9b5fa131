"""Money set aside at the use: nothing before, the worst case in an order, nothing afterwards."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from core import reconciling
from core.quotas.models import QuotaHold
from core.quotas.selectors import availability
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import UserCoupon
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import claims, expiring, money, redemption
from marketplace.coupons.services.uses import Use
from orders.placement.models import Order
from orders.placement.selectors import quotes
from orders.placement.services import lifecycle, placement
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.factories.orders import a_checkout, an_order, paid_for, place, wanted
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db
TOTAL = 10_000
WORST = 2_100
EXPLAINED = [
    "coupons.budgets_are_never_overdrawn",
    "coupons.coupons_explain_budgets",
    "coupons.ledger_equals_spent",
    "coupons.uses_equal_spent",
    "quotas.holds_explain_held",
    "quotas.spent_is_explained",
]


@pytest.fixture
def budget():
    return a_budget(TOTAL)


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def batch(budget, shop):
    """30.00 off 200.00, 70 % of it by the platform, whose money is set aside at the use."""
    return a_batch(
        commit_mode="AT_USE",
        accepted_by=[shop],
        funding=(WantedFunding("PLATFORM", 7_000, budget.reference), WantedFunding("SHOP", 3_000)),
        use_until=None,
        days_after_claim=2,
    )


@pytest.fixture
def goods(shop):
    return a_product(shop, price_fen=20_000, stock=50)


def money_of(budget):
    found = availability.figures([budget.quota_id])[budget.quota_id]
    assert found.total == TOTAL
    assert [one.name for one in reconciling.run(EXPLAINED) if not one.is_held] == []
    return found.held, found.spent


def ordered(user, goods, coupon, now):
    return an_order(user, [(goods, 1)], coupons=[coupon], now=now)


def test_a_claim_holds_nothing_and_asks_one_statement_less(budget, batch, now, queries_of):
    user = a_user()

    with transaction.atomic():
        claimed = queries_of(lambda: claims.claim(user.pk, batch.reference, now))

    assert claimed == 2
    assert money_of(budget) == (0, 0)
    assert UserCoupon.objects.count() == 1


def test_an_order_holds_the_worst_case_and_payment_spends_what_it_cost(budget, batch, goods, now):
    user = a_user()
    order = ordered(user, goods, a_coupon(user, batch, now), now)
    assert money_of(budget) == (WORST, 0)

    paid_for(order, now)

    assert order.discount_fen == 3_000
    assert money_of(budget) == (0, WORST)


def test_what_a_use_does_not_cost_is_held_until_a_parcel_leaves(budget, now):
    batch = a_batch(
        commit_mode="AT_USE",
        kind="DISCOUNT",
        threshold_fen=None,
        amount_fen=None,
        discount_bp=1_000,
        max_discount_fen=5_000,
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )
    user = a_user()
    order = paid_for(ordered(user, a_product(price_fen=20_000), a_coupon(user, batch, now), now))
    assert money_of(budget) == (3_000, 2_000)

    with transaction.atomic():
        redemption.release_spare(str(order.reference), now=now)

    assert money_of(budget) == (0, 2_000)


def test_a_cancelled_order_lets_the_money_go_and_the_coupon_can_hold_it_again(
    budget, batch, goods, now
):
    user = a_user()
    coupon = a_coupon(user, batch, now)
    order = ordered(user, goods, coupon, now)
    with transaction.atomic():
        lifecycle.cancel(order.pk, actor=placement.Actor(user.pk), now=now)
    assert money_of(budget) == (0, 0)
    assert UserCoupon.objects.get().state == "UNUSED"

    again = paid_for(ordered(user, goods, coupon, now), now)

    assert again.state == "PAID"
    assert money_of(budget) == (0, WORST)


def test_a_refunded_order_frees_what_it_spent_and_the_coupon_is_claimed_money_free(
    budget, batch, goods, now
):
    user = a_user()
    coupon = a_coupon(user, batch, now)
    order = paid_for(ordered(user, goods, coupon, now), now)

    with transaction.atomic():
        lifecycle.close_refunded(order.pk, now=now, actor=placement.Actor(user.pk))

    assert UserCoupon.objects.get().state == "UNUSED"
    assert money_of(budget) == (0, 0)
    ordered(user, goods, coupon, now)
    assert money_of(budget) == (WORST, 0)


def test_expiry_has_nothing_to_free(budget, batch, now):
    a_coupon(a_user(), batch, now)

    assert expiring.expire_due(now + timedelta(days=3)) == 1

    assert money_of(budget) == (0, 0)


def test_more_coupons_than_money_are_claimed_and_as_many_used_as_there_is_money_for(
    budget, batch, goods, now
):
    people = [a_user() for _ in range(6)]
    coupons = [a_coupon(person, batch, now) for person in people]
    checkouts = [
        a_checkout(person, [(goods, 1)], [coupon], now)
        for person, coupon in zip(people, coupons, strict=True)
    ]
    for person, checkout in zip(people[:4], checkouts[:4], strict=True):
        place(person, checkout, now)
    holds, orders = QuotaHold.objects.count(), Order.objects.count()

    for person, checkout in zip(people[4:], checkouts[4:], strict=True):
        with pytest.raises(money.BudgetExhausted) as refused:
            place(person, checkout, now)
        assert (refused.value.status, refused.value.code) == (409, "BUDGET_EXHAUSTED")

    assert money_of(budget) == (4 * WORST, 0)
    assert (QuotaHold.objects.count(), Order.objects.count()) == (holds, orders)
    assert UserCoupon.objects.filter(state="UNUSED").count() == 2


def test_a_hold_that_is_refused_unwinds_the_whole_placement(budget, batch, goods, now, monkeypatch):
    """The glance of the quote may be late: then the hold itself refuses."""
    user = a_user()
    checkout = a_checkout(user, [(goods, 1)], [a_coupon(user, batch, now)], now)
    with transaction.atomic():
        redemption.drawing.hold(
            [redemption.drawing.Demand(budget.quota_id, TOTAL - WORST + 1)], owner="somebody"
        )
    monkeypatch.setattr(
        wallet, "_PARTS_AMONG", wallet._PARTS_AMONG.replace("batch.commit_mode <> 'AT_USE'", "true")
    )
    holds = QuotaHold.objects.count()

    with pytest.raises(money.BudgetExhausted):
        place(user, checkout, now)

    assert QuotaHold.objects.count() == holds
    assert not Order.objects.exists()
    assert UserCoupon.objects.get().state == "UNUSED"


def test_a_quote_says_that_the_money_is_gone_and_looks_for_other_coupons(budget, batch, goods, now):
    user = a_user()
    coupon = a_coupon(user, batch, now)
    with transaction.atomic():
        redemption.drawing.hold(
            [redemption.drawing.Demand(budget.quota_id, TOTAL - WORST + 1)], owner="somebody"
        )

    def quoted(coupons):
        return quotes.quote(
            buyer_id=user.pk,
            wanted=wanted((goods, 1)),
            region=an_address(user).region,
            coupons=coupons,
            now=now,
        )

    asked = quoted(quotes.Coupons([coupon.reference]))
    assert [problem.code for problem in asked.problems] == ["BUDGET_EXHAUSTED"]
    assert asked.problems[0].facts == {"coupons": [str(coupon.reference)]}
    best = quoted(quotes.Coupons(is_best=True))
    assert (best.problems, best.price.used) == ((), ())


def test_two_ways_of_setting_money_aside_in_one_order_are_kept_apart(budget, now):
    """Two coupons of one order, one held since its claim, one since the order."""
    funding = (WantedFunding("PLATFORM", 10_000, budget.reference),)
    user, order = a_user(), uuid4()
    early = a_coupon(user, a_batch(kind="DIRECT", threshold_fen=None, funding=funding), now)
    late = a_coupon(
        user,
        a_batch(
            kind="DIRECT", threshold_fen=None, amount_fen=500, commit_mode="AT_USE", funding=funding
        ),
        now,
    )
    assert money_of(budget) == (3_000, 0)
    terms = [one.terms for one in wallet.terms_of(user.pk, [late.reference], now)]
    with transaction.atomic():
        redemption.lock(
            [early.reference, late.reference], user_id=user.pk, order_reference=order, now=now
        )
        redemption.set_aside(terms, order_reference=order, now=now)
    assert money_of(budget) == (3_500, 0)

    uses = [
        Use(early.reference, uuid4(), "PLATFORM", 2_000),
        Use(late.reference, uuid4(), "PLATFORM", 300),
    ]
    with transaction.atomic():
        assert redemption.redeem(order, uses, now=now) == {str(budget.reference): 2_300}
    found = availability.figures([budget.quota_id])[budget.quota_id]
    assert (found.held, found.spent) == (1_200, 2_300)

    with transaction.atomic():
        redemption.give_back(order, now=now)
    assert money_of(budget) == (3_000, 0)


def test_setting_money_aside_at_the_use_costs_a_placement_one_statement(
    budget, batch, goods, shop, now, queries_of
):
    early = a_batch(
        accepted_by=[shop],
        funding=(WantedFunding("PLATFORM", 7_000, budget.reference), WantedFunding("SHOP", 3_000)),
    )

    def placing(of):
        user = a_user()
        checkout = a_checkout(user, [(goods, 1)], [a_coupon(user, of, now)], now)
        return queries_of(lambda: place(user, checkout, now))

    assert placing(batch) - placing(early) == 1
