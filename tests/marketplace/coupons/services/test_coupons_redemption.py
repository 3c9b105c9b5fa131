"""A coupon in an order: what happens to it, and to the money, at every turn."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from core.audit.models import StateLog
from core.quotas.selectors import availability
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponUse, UserCoupon
from marketplace.coupons.services import expiring, redemption, uses
from marketplace.coupons.services.redemption import CouponNotUsable
from marketplace.coupons.services.uses import Use
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget, a_coupon, decided

pytestmark = pytest.mark.django_db
TOTAL = 10_000_000


@pytest.fixture
def budget():
    return a_budget(TOTAL)


@pytest.fixture
def batch(budget, now):
    """30.00 off, 70 % of it by the platform, valid for a day."""
    return a_batch(
        funding=(
            WantedFunding("PLATFORM", 7_000, budget.reference),
            WantedFunding("SHOP", 3_000),
        ),
        use_until=None,
        days_after_claim=1,
    )


@pytest.fixture
def user():
    return a_user()


@pytest.fixture
def coupon(user, batch, now):
    return a_coupon(user, batch, now)


def lock(coupon, order, now, user_id=None):
    with transaction.atomic():
        redemption.lock(
            [coupon.reference],
            user_id=user_id or coupon.user_id,
            order_reference=order,
            now=now,
        )


def redeem(coupon, order, now, platform_fen=2_000, shop_fen=857):
    given = [
        Use(coupon.reference, uuid4(), funder, fen)
        for funder, fen in (("PLATFORM", platform_fen), ("SHOP", shop_fen))
        if fen
    ]
    with transaction.atomic():
        return redemption.redeem(order, given, now=now)


def give_back(order, now):
    with transaction.atomic():
        return redemption.give_back(order, now=now)


def release_spare(order, now):
    with transaction.atomic():
        redemption.release_spare(order, now=now)


def state(coupon):
    return UserCoupon.objects.get(pk=coupon.pk).state


def money(budget):
    """What of the budget is held and what is spent."""
    found = availability.figures([budget.quota_id])[budget.quota_id]
    assert found.total == TOTAL
    return found.held, found.spent


def test_an_order_locks_its_coupon_with_one_statement_and_leaves_the_money_alone(
    budget, coupon, now, queries_of
):
    order = uuid4()

    assert queries_of(lambda: lock(coupon, order, now)) == 1

    found = UserCoupon.objects.get(pk=coupon.pk)
    assert (found.state, found.order_reference) == ("LOCKED", order)
    assert money(budget) == (2_100, 0)
    log = StateLog.objects.get(subject="user_coupon", subject_id=coupon.pk)
    assert (log.action, log.from_state, log.to_state) == ("lock", "UNUSED", "LOCKED")


def test_an_order_without_coupons_asks_nothing(queries_of, user, now):
    def nothing():
        with transaction.atomic():
            redemption.lock([], user_id=user.pk, order_reference=uuid4(), now=now)

    assert queries_of(nothing) == 0


def test_an_unpaid_order_gives_the_coupon_back_with_its_hold(budget, coupon, now):
    order = uuid4()
    lock(coupon, order, now)

    with transaction.atomic():
        redemption.unlock(order, now=now)
        redemption.unlock(order, now=now)

    found = UserCoupon.objects.get(pk=coupon.pk)
    assert (found.state, found.order_reference) == ("UNUSED", None)
    assert money(budget) == (2_100, 0)
    lock(coupon, uuid4(), now)


def test_payment_spends_the_real_amount_and_the_spare_stays_until_a_parcel_leaves(
    budget, coupon, now
):
    order = uuid4()
    lock(coupon, order, now)

    assert redeem(coupon, order, now) == {str(budget.reference): 2_000}

    assert state(coupon) == "USED"
    assert money(budget) == (100, 2_000)
    assert uses.spent_by_budget(order) == {str(budget.reference): 2_000}

    release_spare(order, now)
    release_spare(order, now)

    assert money(budget) == (0, 2_000)


def test_payment_told_twice_spends_once(budget, coupon, now):
    order = uuid4()
    lock(coupon, order, now)
    redeem(coupon, order, now)

    assert redeem(coupon, order, now) == {str(budget.reference): 2_000}

    assert money(budget) == (100, 2_000)
    assert CouponUse.objects.count() == 2


def test_a_refund_before_hand_over_returns_the_coupon_and_its_money_is_held_again(
    budget, coupon, now
):
    order = uuid4()
    lock(coupon, order, now)
    redeem(coupon, order, now)

    assert give_back(order, now) == {str(budget.reference): 2_000}
    assert give_back(order, now) == {}

    found = UserCoupon.objects.get(pk=coupon.pk)
    assert (found.state, found.order_reference, found.used_at) == ("UNUSED", None, None)
    assert found.valid_until == coupon.valid_until
    assert money(budget) == (2_100, 0)
    assert set(CouponUse.objects.values_list("reversed_at", flat=True)) == {now}
    assert uses.spent_by_budget(order) == {}


def test_a_returned_coupon_can_be_used_again(budget, coupon, now):
    first, second = uuid4(), uuid4()
    lock(coupon, first, now)
    redeem(coupon, first, now)
    give_back(first, now)

    lock(coupon, second, now)
    redeem(coupon, second, now, platform_fen=2_100, shop_fen=900)

    assert money(budget) == (0, 2_100)
    assert uses.spent_by_budget(second) == {str(budget.reference): 2_100}


def test_a_coupon_that_ran_out_meanwhile_is_not_returned_but_its_money_is_free(
    budget, batch, coupon, now
):
    order = uuid4()
    lock(coupon, order, now)
    redeem(coupon, order, now)

    assert give_back(order, coupon.valid_until) == {str(budget.reference): 2_000}

    assert state(coupon) == "EXPIRED"
    assert money(budget) == (0, 0)
    assert availability.figures([batch.quota_id])[batch.quota_id].spent == 1


def test_a_coupon_that_ran_out_meanwhile_lives_on_for_the_hours_its_batch_grants(budget, user, now):
    batch = a_batch(
        funding=(
            WantedFunding("PLATFORM", 7_000, budget.reference),
            WantedFunding("SHOP", 3_000),
        ),
        use_until=None,
        days_after_claim=1,
        grace_hours_on_return=24,
    )
    coupon, order = a_coupon(user, batch, now), uuid4()
    lock(coupon, order, now)
    redeem(coupon, order, now)
    late = coupon.valid_until + timedelta(hours=2)

    assert give_back(order, late) == {str(budget.reference): 2_000}

    found = UserCoupon.objects.get(pk=coupon.pk)
    assert (found.state, found.valid_until) == ("UNUSED", late + timedelta(hours=24))
    assert money(budget) == (2_100, 0)
    lock(coupon, uuid4(), late + timedelta(hours=24) - timedelta(seconds=1))


def test_a_coupon_that_comes_back_in_time_keeps_its_end_whatever_its_batch_grants(user, now):
    batch = a_batch(use_until=None, days_after_claim=1, grace_hours_on_return=24)
    coupon, order = a_coupon(user, batch, now), uuid4()
    lock(coupon, order, now)
    redeem(coupon, order, now, shop_fen=0)

    give_back(order, coupon.valid_until - timedelta(seconds=1))

    assert UserCoupon.objects.get(pk=coupon.pk).valid_until == coupon.valid_until


def test_after_the_first_parcel_left_a_coupon_never_comes_back(budget, coupon, now):
    order = uuid4()
    lock(coupon, order, now)
    redeem(coupon, order, now)
    release_spare(order, now)

    assert give_back(order, now) == {}

    assert state(coupon) == "USED"
    assert money(budget) == (0, 2_000)


def test_a_coupon_funded_by_its_shop_touches_no_budget(user, now):
    # A shop's own batch needs a shop; the SHOP part alone behaves the same way.
    batch = a_batch(funding=(WantedFunding("SHOP", 10_000),))
    coupon, order = a_coupon(user, batch, now), uuid4()
    lock(coupon, order, now)

    assert redeem(coupon, order, now, platform_fen=0) == {}
    assert give_back(order, now) == {}
    assert state(coupon) == "UNUSED"


def test_a_coupon_cannot_be_in_two_orders(coupon, now):
    first = uuid4()
    lock(coupon, first, now)

    with pytest.raises(CouponNotUsable) as refusal:
        lock(coupon, uuid4(), now)

    assert refusal.value.facts == {"coupons": [str(coupon.reference)]}
    assert UserCoupon.objects.get(pk=coupon.pk).order_reference == first


def test_somebody_elses_coupon_cannot_be_used(coupon, now):
    with pytest.raises(CouponNotUsable):
        lock(coupon, uuid4(), now, user_id=a_user().pk)

    assert state(coupon) == "UNUSED"


def test_a_coupon_outside_its_window_is_refused_even_if_the_sweep_is_late(user, coupon, now):
    early = a_coupon(user, a_batch(use_from=now + timedelta(days=1)), now)

    for late_or_early, at in ((coupon, coupon.valid_until), (early, now)):
        with pytest.raises(CouponNotUsable):
            lock(late_or_early, uuid4(), at)
        assert state(late_or_early) == "UNUSED"


def test_claimed_coupons_stay_usable_while_the_batch_is_paused_ended_or_closed(
    batch, user, coupon, now
):
    for action in ("pause", "end", "close"):
        decided(batch, action)
        order = uuid4()
        lock(coupon, order, now)
        with transaction.atomic():
            redemption.unlock(order, now=now)


def test_expiry_frees_the_money_of_unused_coupons_and_leaves_locked_ones(
    budget, batch, coupon, now
):
    locked = a_coupon(a_user(), batch, now)
    lock(locked, uuid4(), now)
    fresh = a_coupon(a_user(), batch, now + timedelta(hours=1))

    assert expiring.expire_due(coupon.valid_until) == 1
    assert expiring.expire_due(coupon.valid_until) == 0

    assert [state(one) for one in (coupon, locked, fresh)] == ["EXPIRED", "LOCKED", "UNUSED"]
    assert money(budget) == (4_200, 0)
    log = StateLog.objects.get(subject="user_coupon", subject_id=coupon.pk)
    assert (log.action, log.to_state, log.actor_id) == ("expire", "EXPIRED", None)


def test_nothing_expires_before_its_instant(coupon):
    assert expiring.expire_due(coupon.valid_until - timedelta(microseconds=1)) == 0


def test_expiring_many_costs_as_many_statements_as_expiring_one(batch, now, queries_of):
    def expire():
        expiring.expire_due(now + timedelta(days=2))

    a_coupon(a_user(), batch, now)
    one = queries_of(expire)
    for _ in range(6):
        a_coupon(a_user(), batch, now)

    assert queries_of(expire) == one == 4
    assert not UserCoupon.objects.filter(state="UNUSED").exists()


def test_expiry_takes_no_more_than_it_is_told(batch, now):
    for _ in range(3):
        a_coupon(a_user(), batch, now)

    assert expiring.expire_due(now + timedelta(days=2), limit=2) == 2
    assert expiring.expire_due(now + timedelta(days=2), limit=2) == 1
