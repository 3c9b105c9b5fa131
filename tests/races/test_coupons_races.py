"""A crowd at the last coupon, the last fen and the same coupon; each race with its canary."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction

from core.quotas.selectors import availability
from core.states import Machine
from core.transactions import entry
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.domain.states import COUPON_LIFE
from marketplace.coupons.models import UserCoupon
from marketplace.coupons.services import budgets, claims, expiring, redemption
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget, a_coupon

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]
CROWD = 8
claim = entry(claims.claim)


def kinds(outcomes):
    return Counter(type(outcome).__name__ for outcome in outcomes)


def figures(quota_id):
    found = availability.figures([quota_id])[quota_id]
    return found.total, found.held, found.spent


def crowd(batch, now):
    return [partial(claim, a_user().pk, batch.reference, now) for _ in range(CROWD)]


def test_the_last_coupon_goes_to_exactly_one(at_once, now):
    batch = a_batch(quantity=1)

    outcomes = at_once(*crowd(batch, now))

    assert kinds(outcomes) == {"UserCoupon": 1, "CouponSoldOut": CROWD - 1}
    assert UserCoupon.objects.count() == 1
    assert figures(batch.quota_id) == (1, 0, 1)


def test_canary_without_the_piece_everybody_gets_the_last_coupon(at_once, now, monkeypatch):
    monkeypatch.setattr(claims.drawing, "take", lambda quota_id, amount: None)
    batch = a_batch(quantity=1)

    assert kinds(at_once(*crowd(batch, now))) == {"UserCoupon": CROWD}


def test_the_last_fen_of_a_budget_goes_to_exactly_one(at_once, now):
    budget = a_budget(total_fen=5_999)
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))

    outcomes = at_once(*crowd(batch, now))

    assert kinds(outcomes) == {"UserCoupon": 1, "BudgetExhausted": CROWD - 1}
    assert figures(budget.quota_id) == (5_999, 3_000, 0)
    assert figures(batch.quota_id) == (100, 0, 1)


def test_canary_without_the_hold_a_budget_is_promised_many_times(at_once, now, monkeypatch):
    monkeypatch.setattr(claims.drawing, "hold", lambda demands, owner: None)
    budget = a_budget(total_fen=5_999)
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))

    assert kinds(at_once(*crowd(batch, now))) == {"UserCoupon": CROWD}


def test_a_budget_in_sixteen_shards_pays_for_every_coupon_it_can(at_once, now, monkeypatch):
    # Each shard covers one coupon; four more are put together from what is left in several.
    monkeypatch.setattr(budgets, "LARGE_FEN", 1)
    budget = a_budget(total_fen=60_000)
    batch = a_batch(quantity=1_000, funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))

    outcomes = [outcome for _ in range(3) for outcome in at_once(*crowd(batch, now))]

    assert kinds(outcomes) == {"UserCoupon": 20, "BudgetExhausted": 4}
    assert figures(budget.quota_id) == (60_000, 60_000, 0)
    assert figures(batch.quota_id) == (1_000, 0, 20)


def test_one_person_claiming_from_many_windows_stays_within_the_limit(at_once, now):
    batch, user = a_batch(per_user_limit=2), a_user()

    outcomes = at_once(*[partial(claim, user.pk, batch.reference, now)] * CROWD)

    assert kinds(outcomes) == {"UserCoupon": 2, "CouponUserLimit": CROWD - 2}
    assert figures(batch.quota_id) == (100, 0, 2)


def test_canary_without_the_count_one_person_takes_as_many_as_they_like(at_once, now, monkeypatch):
    guard = "WHERE present.claimed < (SELECT per_user_limit FROM open_batch)"
    assert guard in claims._CLAIM
    monkeypatch.setattr(claims, "_CLAIM", claims._CLAIM.replace(guard, ""))
    batch, user = a_batch(per_user_limit=2), a_user()

    outcomes = at_once(*[partial(claim, user.pk, batch.reference, now)] * CROWD)

    assert kinds(outcomes) == {"UserCoupon": CROWD}


@entry
def lock(coupons, order, now):
    redemption.lock(
        [coupon.reference for coupon in coupons],
        user_id=coupons[0].user_id,
        order_reference=order,
        now=now,
    )
    return "locked"


def test_one_coupon_lands_in_exactly_one_order(at_once, now):
    coupon = a_coupon(a_user(), now=now)

    outcomes = at_once(*[partial(lock, [coupon], uuid4(), now) for _ in range(CROWD)])

    assert kinds(outcomes) == {"str": 1, "CouponNotUsable": CROWD - 1}


def test_canary_without_the_state_a_coupon_lands_in_every_order(at_once, now, monkeypatch):
    careless = Machine(
        COUPON_LIFE.subject, {**COUPON_LIFE.transitions, ("LOCKED", "lock"): "LOCKED"}
    )
    monkeypatch.setattr(redemption, "COUPON_LIFE", careless)
    coupon = a_coupon(a_user(), now=now)

    outcomes = at_once(*[partial(lock, [coupon], uuid4(), now) for _ in range(CROWD)])

    assert kinds(outcomes) == {"str": CROWD}


def test_two_orders_with_the_same_coupons_in_opposite_order_do_not_deadlock(at_once, now):
    user = a_user()
    coupons = [a_coupon(user, now=now) for _ in range(4)]

    outcomes = at_once(
        *[partial(lock, coupons, uuid4(), now) for _ in range(CROWD // 2)],
        *[partial(lock, coupons[::-1], uuid4(), now) for _ in range(CROWD // 2)],
    )

    assert kinds(outcomes) == {"str": 1, "CouponNotUsable": CROWD - 1}
    assert UserCoupon.objects.values("order_reference").distinct().count() == 1


def test_an_order_and_the_expiry_at_the_same_instant_leave_one_truth(at_once, now):
    budget = a_budget()
    batch = a_batch(
        use_until=None,
        days_after_claim=1,
        quantity=20,
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )
    coupons = [a_coupon(a_user(), batch, now) for _ in range(6)]
    ends = coupons[0].valid_until

    outcomes = at_once(
        *[partial(lock, [coupon], uuid4(), ends - timedelta(seconds=1)) for coupon in coupons],
        partial(expiring.expire_due, ends),
    )

    locked = outcomes.count("locked")
    assert locked + outcomes[-1] == 6
    assert UserCoupon.objects.filter(state="LOCKED").count() == locked
    assert UserCoupon.objects.filter(state="EXPIRED").count() == outcomes[-1]
    assert figures(budget.quota_id) == (10_000_000, 3_000 * locked, 0)


def test_two_sweeps_at_once_free_the_money_once(at_once, now):
    budget = a_budget()
    batch = a_batch(
        use_until=None,
        days_after_claim=1,
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )
    ends = [a_coupon(a_user(), batch, now) for _ in range(6)][-1].valid_until

    outcomes = at_once(*[partial(expiring.expire_due, ends)] * 4)

    assert sum(outcomes) == 6
    assert figures(budget.quota_id) == (10_000_000, 0, 0)


def test_a_shipment_and_a_refund_at_once_either_settle_or_return_the_coupon(at_once, now):
    budget = a_budget()
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))
    coupon, order = a_coupon(a_user(), batch, now), uuid4()
    lock([coupon], order, now)
    with transaction.atomic():
        use = redemption.Use(coupon.reference, uuid4(), "PLATFORM", 2_000)
        redemption.redeem(order, [use], now=now)

    outcomes = at_once(
        partial(entry(redemption.give_back), order, now=now),
        partial(entry(redemption.release_spare), order, now=now),
    )

    state = UserCoupon.objects.get(pk=coupon.pk).state
    held = {"UNUSED": (3_000, 0), "USED": (0, 2_000)}[state]
    assert figures(budget.quota_id)[1:] == held
    assert (outcomes[0] == {}) == (state == "USED")
