"""Claiming: windows, limits, pieces and money; everything or nothing."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.audit.models import StateLog
from core.errors import NotFound
from core.quotas.models import QuotaHold
from core.quotas.selectors import availability
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import ClaimCount, CouponBatch, UserCoupon
from marketplace.coupons.services import claims, money
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget, a_coupon, activated, decided

pytestmark = pytest.mark.django_db


def claim(user, batch, now):
    with transaction.atomic():
        return claims.claim(user.pk, batch.reference, now)


def refused(refusal, user, batch, now):
    before = traces()
    with pytest.raises(refusal) as caught:
        claim(user, batch, now)
    assert traces() == before
    return caught.value


def traces():
    shards = availability.figures(CouponBatch.objects.values_list("quota_id", flat=True))
    return (
        UserCoupon.objects.count(),
        list(ClaimCount.objects.order_by("id").values_list("claimed", flat=True)),
        QuotaHold.objects.count(),
        shards,
        StateLog.objects.count(),
    )


def figures(quota_id):
    found = availability.figures([quota_id])[quota_id]
    return found.total, found.held, found.spent


def test_a_claim_takes_a_piece_and_sets_aside_the_worst_case_of_each_budget(now):
    platform, county = a_budget(), a_budget(funder="GOVERNMENT")
    batch = a_batch(
        amount_fen=3_001,
        funding=(
            WantedFunding("PLATFORM", 5_000, platform.reference),
            WantedFunding("GOVERNMENT", 3_000, county.reference),
            WantedFunding("SHOP", 2_000),
        ),
    )
    user = a_user()

    coupon = claim(user, batch, now)

    stored = UserCoupon.objects.get(reference=coupon.reference)
    assert (stored.user_id, stored.batch_id, stored.state) == (user.pk, batch.pk, "UNUSED")
    assert (stored.valid_from, stored.valid_until) == (now, batch.use_until)
    assert (coupon.pk, coupon.valid_until) == (stored.pk, stored.valid_until)
    assert figures(batch.quota_id) == (100, 0, 1)
    assert figures(platform.quota_id) == (10_000_000, 1_501, 0)
    assert figures(county.quota_id) == (10_000_000, 901, 0)


def test_a_percentage_sets_aside_its_cap(now):
    budget = a_budget()
    batch = a_batch(
        kind="DISCOUNT",
        threshold_fen=None,
        amount_fen=None,
        discount_bp=1_500,
        max_discount_fen=2_000,
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )

    claim(a_user(), batch, now)

    assert figures(budget.quota_id) == (10_000_000, 2_000, 0)


@pytest.mark.parametrize("threshold", [{}, {"threshold_fen": 5_000}, {"threshold_pieces": 3}])
def test_a_freight_coupon_sets_aside_all_that_it_may_take_off(now, threshold):
    budget = a_budget()
    batch = a_batch(
        kind="FREIGHT",
        **{"threshold_fen": None} | threshold,
        amount_fen=1_001,
        funding=(
            WantedFunding("PLATFORM", 7_000, budget.reference),
            WantedFunding("SHOP", 3_000),
        ),
    )

    claim(a_user(), batch, now)

    assert figures(budget.quota_id) == (10_000_000, 701, 0)


def test_a_claim_costs_three_statements_however_many_budgets_pay(queries_of, now):
    one = a_batch()
    two = a_batch(
        funding=(
            WantedFunding("PLATFORM", 5_000, a_budget().reference),
            WantedFunding("PARTNER", 5_000, a_budget(funder="PARTNER").reference),
        )
    )
    user = a_user()

    assert queries_of(lambda: claim(user, one, now)) == 3
    assert queries_of(lambda: claim(user, two, now)) == 3


def test_days_after_the_claim_are_24_hours_each_and_end_with_the_batch(now):
    short = a_batch(days_after_claim=3, use_until=None)
    capped = a_batch(
        days_after_claim=3, claim_until=now + timedelta(days=1), use_until=now + timedelta(days=2)
    )
    later = a_batch(use_from=now + timedelta(days=7))

    assert a_coupon(a_user(), short, now).valid_until == now + timedelta(hours=72)
    assert a_coupon(a_user(), capped, now).valid_until == now + timedelta(days=2)
    assert a_coupon(a_user(), later, now).valid_from == now + timedelta(days=7)


@pytest.mark.parametrize("offset", [timedelta(seconds=-1), timedelta(days=2)])
def test_outside_the_claim_window_nobody_gets_a_coupon(now, offset):
    batch = a_batch(claim_from=now, claim_until=now + timedelta(days=2))

    refusal = refused(claims.CouponWindow, a_user(), batch, now + offset)

    assert refusal.code == "COUPON_WINDOW"
    assert refusal.facts["claim_from"] == now.isoformat()


def test_the_window_is_half_open(now):
    batch = a_batch(claim_from=now, claim_until=now + timedelta(days=2), per_user_limit=2)

    claim(a_user(), batch, now)
    claim(a_user(), batch, now + timedelta(days=2) - timedelta(microseconds=1))

    assert UserCoupon.objects.count() == 2


def test_one_person_gets_as_many_as_the_limit_says(now):
    batch, user = a_batch(per_user_limit=2), a_user()
    claim(user, batch, now)
    claim(user, batch, now)

    refusal = refused(claims.CouponUserLimit, user, batch, now)

    assert (refusal.code, refusal.facts) == ("COUPON_USER_LIMIT", {"limit": 2, "claimed": 2})
    claim(a_user(), batch, now)


def test_after_the_last_piece_it_is_sold_out(now):
    batch = a_batch(quantity=1)
    claim(a_user(), batch, now)

    assert refused(claims.CouponSoldOut, a_user(), batch, now).code == "COUPON_SOLD_OUT"


def test_claims_stop_when_the_money_does_even_with_pieces_left(now):
    budget = a_budget(total_fen=8_999)
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))
    claim(a_user(), batch, now)
    claim(a_user(), batch, now)

    assert refused(money.BudgetExhausted, a_user(), batch, now).code == "BUDGET_EXHAUSTED"
    assert figures(budget.quota_id) == (8_999, 6_000, 0)


def test_money_of_two_budgets_is_set_aside_in_both_or_in_none(now):
    rich, poor = a_budget(), a_budget(total_fen=100, funder="GOVERNMENT")
    batch = a_batch(
        funding=(
            WantedFunding("PLATFORM", 5_000, rich.reference),
            WantedFunding("GOVERNMENT", 5_000, poor.reference),
        )
    )

    refused(money.BudgetExhausted, a_user(), batch, now)

    assert figures(rich.quota_id) == (10_000_000, 0, 0)


def test_a_batch_that_was_never_put_to_work_is_not_there(now):
    draft = a_batch(active=False)
    in_review = decided(a_batch(active=False), "submit")
    rejected = decided(decided(a_batch(active=False), "submit"), "reject")

    for batch in (draft, in_review, rejected):
        refused(NotFound, a_user(), batch, now)


def test_while_paused_claims_stop_and_go_on_once_resumed(now):
    batch = decided(a_batch(), "pause")

    assert refused(claims.CouponPaused, a_user(), batch, now).code == "COUPON_PAUSED"

    decided(batch, "resume")
    claim(a_user(), batch, now)


def test_once_ended_claims_never_come_back(now):
    batch = decided(activated(a_batch(active=False)), "end")
    refused(claims.CouponWindow, a_user(), batch, now)

    decided(batch, "close")
    refused(claims.CouponWindow, a_user(), batch, now)
