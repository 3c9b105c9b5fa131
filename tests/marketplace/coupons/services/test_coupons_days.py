"""Daily caps: what one day in China commits of a budget, and what comes back to it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core import reconciling
from core.errors import InvalidInput
from core.quotas.models import QuotaHold
from core.quotas.selectors import availability
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import BudgetDay, CouponBudget
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import budgets, claims, days, expiring, money, redemption
from marketplace.coupons.services.uses import Use
from orders.placement.services import lifecycle, placement
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.factories.orders import a_checkout, an_order, place

pytestmark = pytest.mark.django_db
TOTAL, CAP, WORST = 100_000, 9_000, 3_000
# The last instant of 11 November in China, and the first of the 12th.
MIDNIGHT = datetime(2026, 11, 11, 16, 0, tzinfo=UTC)
BEFORE = MIDNIGHT - timedelta(microseconds=1)
PROMISES = [
    "coupons.coupons_explain_budgets",
    "coupons.days_follow_their_budgets",
    "coupons.days_keep_to_the_cap",
    "quotas.holds_explain_held",
    "quotas.spent_is_explained",
]


@pytest.fixture
def budget():
    return a_budget(TOTAL, daily_cap_fen=CAP)


@pytest.fixture
def batch(budget):
    return a_batch(
        use_until=None,
        days_after_claim=2,
        per_user_limit=9,
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )


@pytest.fixture
def late(budget):
    """A batch whose money is set aside at the use."""
    return a_batch(
        commit_mode="AT_USE",
        per_user_limit=9,
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )


def committed(budget, day):
    """What the day has reserved and spent; nothing where it was never opened."""
    assert [one.name for one in reconciling.run(PROMISES) if not one.is_held] == []
    quotas = BudgetDay.objects.filter(budget=budget, day=day).values_list("quota_id", flat=True)
    found = availability.figures(quotas)
    return sum(one.held for one in found.values()), sum(one.spent for one in found.values())


def money_of(budget):
    found = availability.figures([budget.quota_id])[budget.quota_id]
    return found.held, found.spent


def exhausted(batch, now, user=None):
    holds = QuotaHold.objects.count()
    with pytest.raises(money.BudgetExhausted) as refused, transaction.atomic():
        claims.claim((user or a_user()).pk, batch.reference, now)
    assert QuotaHold.objects.count() == holds
    return refused.value.facts


def test_a_day_commits_no_more_than_its_cap_and_the_refusal_says_when_it_opens_again(
    budget, batch, now
):
    for _ in range(3):
        a_coupon(a_user(), batch, now)

    assert exhausted(batch, now) == {"limit": "DAY", "opens_again_at": MIDNIGHT.isoformat()}
    assert committed(budget, date(2026, 11, 11)) == (CAP, 0)
    assert money_of(budget) == (CAP, 0)


def test_days_are_days_in_china_to_the_instant(budget, batch):
    for _ in range(3):
        a_coupon(a_user(), batch, BEFORE)
    exhausted(batch, BEFORE)

    for _ in range(3):
        a_coupon(a_user(), batch, MIDNIGHT)

    assert exhausted(batch, MIDNIGHT)["opens_again_at"] == (MIDNIGHT + timedelta(1)).isoformat()
    assert committed(budget, date(2026, 11, 11)) == committed(budget, date(2026, 11, 12))
    assert money_of(budget) == (2 * CAP, 0)


def test_when_the_whole_budget_is_gone_the_day_is_not_what_is_told(now):
    budget = a_budget(5_999, daily_cap_fen=3_000)
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))
    a_coupon(a_user(), batch, now)

    assert exhausted(batch, now) == {"limit": "TOTAL"}
    assert exhausted(batch, now + timedelta(1)) == {"limit": "TOTAL"}


def test_what_comes_back_on_the_same_day_may_be_committed_again(budget, batch, now):
    coupons = [a_coupon(a_user(), batch, now) for _ in range(3)]
    order = uuid4()
    with transaction.atomic():
        redemption.lock(
            [coupons[0].reference], user_id=coupons[0].user_id, order_reference=order, now=now
        )
        uses = [Use(coupons[0].reference, uuid4(), "PLATFORM", 1_000)]
        redemption.redeem(order, uses, now=now)
    assert committed(budget, date(2026, 11, 11)) == (8_000, 1_000)

    # The spare of 20.00 and nothing else: a coupon of 30.00 does not fit in.
    with transaction.atomic():
        redemption.release_spare(order, now=now)
    assert committed(budget, date(2026, 11, 11)) == (6_000, 1_000)
    exhausted(batch, now)

    small = a_batch(
        amount_fen=2_000, funding=(WantedFunding("PLATFORM", 10_000, budget.reference),)
    )
    a_coupon(a_user(), small, now)
    assert committed(budget, date(2026, 11, 11)) == (8_000, 1_000)


def test_what_comes_back_later_frees_the_day_it_was_committed_on(budget, batch, now):
    for _ in range(3):
        a_coupon(a_user(), batch, now)
    later = now + timedelta(2)
    for _ in range(3):
        a_coupon(a_user(), batch, later)

    assert expiring.expire_due(later) == 3

    assert committed(budget, date(2026, 11, 11)) == (0, 0)
    assert committed(budget, date(2026, 11, 13)) == (CAP, 0)
    exhausted(batch, later)


def test_a_returned_coupon_keeps_the_day_of_its_claim(budget, batch, now):
    coupon, order = a_coupon(a_user(), batch, now), uuid4()
    later = now + timedelta(1)
    with transaction.atomic():
        redemption.lock(
            [coupon.reference], user_id=coupon.user_id, order_reference=order, now=later
        )
        redemption.redeem(order, [Use(coupon.reference, uuid4(), "PLATFORM", 2_500)], now=later)
    assert committed(budget, date(2026, 11, 11)) == (500, 2_500)
    assert committed(budget, date(2026, 11, 12)) == (0, 0)

    with transaction.atomic():
        redemption.give_back(order, now=later)

    assert committed(budget, date(2026, 11, 11)) == (WORST, 0)
    assert money_of(budget) == (WORST, 0)


def test_money_set_aside_at_the_use_counts_on_the_day_of_the_order(budget, late, now):
    user, goods = a_user(), a_product(price_fen=20_000, stock=50)
    coupons = [a_coupon(user, late, now) for _ in range(4)]
    checkout = a_checkout(user, [(goods, 1)], [coupons[3]], now)
    for coupon in coupons[:3]:
        order = an_order(user, [(goods, 1)], coupons=[coupon], now=now)
    assert committed(budget, date(2026, 11, 11)) == (CAP, 0)

    with pytest.raises(money.BudgetExhausted):
        place(user, checkout, now)
    assert wallet.usable_terms(user.pk, now) == []
    assert len(wallet.usable_terms(user.pk, MIDNIGHT)) == 1

    with transaction.atomic():
        lifecycle.cancel(order.pk, actor=placement.Actor(user.pk), now=now)
    place(user, checkout, now)

    assert committed(budget, date(2026, 11, 11)) == (CAP, 0)


def test_a_hold_of_the_day_that_is_refused_at_placement_says_so(budget, late, now, monkeypatch):
    monkeypatch.setattr(
        wallet, "_PARTS_AMONG", wallet._PARTS_AMONG.replace("batch.commit_mode <> 'AT_USE'", "true")
    )
    user, goods = a_user(), a_product(price_fen=20_000, stock=50)
    coupons = [a_coupon(user, late, now) for _ in range(4)]
    for coupon in coupons[:3]:
        an_order(user, [(goods, 1)], coupons=[coupon], now=now)

    with pytest.raises(money.BudgetExhausted) as refused:
        an_order(user, [(goods, 1)], coupons=[coupons[3]], now=now)

    assert refused.value.facts == {"limit": "DAY", "opens_again_at": MIDNIGHT.isoformat()}


def test_a_claim_from_a_capped_budget_costs_no_further_statement(batch, now, queries_of):
    a_coupon(a_user(), batch, now)
    user = a_user()

    with transaction.atomic():
        assert queries_of(lambda: claims.claim(user.pk, batch.reference, now)) == 3


def test_days_are_opened_ahead_for_what_is_running_and_only_once(budget, batch, now):
    a_budget(TOTAL, daily_cap_fen=CAP)
    a_batch()

    assert days.open_ahead(now) == 2
    assert days.open_ahead(now) == 0

    opened = BudgetDay.objects.order_by("day").values_list("budget_id", "day")
    assert list(opened) == [(budget.pk, date(2026, 11, 11)), (budget.pk, date(2026, 11, 12))]


def test_a_large_cap_is_spread_over_shards():
    budget = a_budget(10_000_000, daily_cap_fen=1_600_000)
    with transaction.atomic():
        days.quota_of(budget.pk, date(2026, 11, 11))

    assert set(BudgetDay.objects.get().quota.parts.values_list("total", flat=True)) == {100_000}


def grown(budget, now, **changes):
    with transaction.atomic():
        return budgets.grow(budget.reference, changes, now=now)


def test_a_cap_may_be_raised_from_today_on_or_lifted_and_never_lowered(budget, batch, now):
    for at in (now - timedelta(1), now):
        for _ in range(3):
            a_coupon(a_user(), batch, at)
    for wrong in (CAP - 1, 1):
        with pytest.raises(InvalidInput) as refused:
            grown(budget, now, daily_cap_fen=wrong)
        assert [fault.pointer for fault in refused.value.faults] == ["/daily_cap_fen"]

    grown(budget, now, daily_cap_fen=2 * CAP)

    totals = {
        one.day.day: sum(one.quota.parts.values_list("total", flat=True))
        for one in BudgetDay.objects.all()
    }
    assert totals == {10: CAP, 11: 2 * CAP}
    for _ in range(3):
        a_coupon(a_user(), batch, now)
    exhausted(batch, now)
    assert committed(budget, date(2026, 11, 11)) == (2 * CAP, 0)

    grown(budget, now, daily_cap_fen=None)
    a_coupon(a_user(), batch, now)
    assert CouponBudget.objects.get(pk=budget.pk).daily_cap_fen is None
    with pytest.raises(InvalidInput):
        grown(budget, now, daily_cap_fen=10 * CAP)


def test_a_cap_that_grew_large_is_spread_over_shards(budget, now):
    with transaction.atomic():
        days.quota_of(budget.pk, date(2026, 11, 11))

    grown(budget, now, daily_cap_fen=1_600_000)

    quota = BudgetDay.objects.get().quota
    assert quota.parts.count() == 16
    assert set(quota.parts.values_list("total", flat=True)) == {100_000}


def test_growing_by_nothing_is_refused(budget, now):
    with pytest.raises(InvalidInput) as refused:
        grown(budget, now)

    assert [fault.pointer for fault in refused.value.faults] == ["/total_fen"]


def test_the_database_refuses_a_cap_of_nothing_and_a_day_twice(budget):
    cap, once = "coupons_couponbudget_cap_is_of_something", "coupons_budgetday_opened_once"
    with pytest.raises(IntegrityError, match=cap), transaction.atomic():
        CouponBudget.objects.filter(pk=budget.pk).update(daily_cap_fen=0)
    day, other = date(2026, 11, 11), a_budget()
    with transaction.atomic():
        days.quota_of(budget.pk, day)
    with pytest.raises(IntegrityError, match=once), transaction.atomic():
        BudgetDay.objects.create(budget=budget, day=day, quota_id=other.quota_id)
