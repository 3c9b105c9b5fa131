"""Each invariant holds after a busy day, and reports exactly the row that was corrupted."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F

from core import reconciling
from core.ledger.models import AccountKind
from core.ledger.services import posting
from core.quotas.models import QuotaHold, QuotaShard
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import (
    BudgetDay,
    ClaimCount,
    CouponCode,
    CouponUse,
    UserCoupon,
)
from marketplace.coupons.services import claims, expiring, redemption
from marketplace.coupons.services.uses import Use
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget, a_coupon, codes_of, with_codes

pytestmark = pytest.mark.django_db
MINE = [
    "coupons.budgets_are_never_overdrawn",
    "coupons.coupons_explain_budgets",
    "coupons.counts_equal_coupons",
    "coupons.coupons_follow_their_batches",
    "coupons.runs_count_their_codes",
    "coupons.days_follow_their_budgets",
    "coupons.days_keep_to_the_cap",
    "coupons.ledger_equals_spent",
    "coupons.pieces_equal_coupons",
    "coupons.uses_equal_spent",
]
QUOTAS = ["quotas.holds_explain_held", "quotas.spent_is_explained"]


def broken(names=(*MINE, *QUOTAS)):
    return {result.name: result.findings for result in reconciling.run(names) if not result.is_held}


def post(kind, order, budget, fen, now):
    """Post the subsidy as an order does."""
    sides = [
        posting.Posting(AccountKind.SUBSIDY, str(budget.reference), fen),
        posting.Posting(AccountKind.SHOP_PAYABLE, "shop", -fen),
    ]
    posting.post(kind=kind, reference=str(order), postings=sides, now=now)


@pytest.fixture
def day(now):
    """One coupon in every state, three funders, a use that was reversed."""
    platform, county = a_budget(), a_budget(2_000_000, "GOVERNMENT")
    batch = a_batch(
        amount_fen=1_000,
        per_user_limit=9,
        quantity=2_000,
        funding=(
            WantedFunding("PLATFORM", 3_333, platform.reference),
            WantedFunding("GOVERNMENT", 3_333, county.reference),
            WantedFunding("SHOP", 3_334),
        ),
        use_until=None,
        days_after_claim=1,
    )
    user = a_user()
    unused, locked, used, settled, returned = (a_coupon(user, batch, now) for _ in range(5))
    orders = {}
    with transaction.atomic():
        for coupon in (locked, used, settled, returned):
            order = orders[coupon.pk] = uuid4()
            redemption.lock([coupon.reference], user_id=user.pk, order_reference=order, now=now)
            if coupon is locked:
                continue
            uses = [
                Use(coupon.reference, uuid4(), funder, fen)
                for funder, fen in (("PLATFORM", 300), ("GOVERNMENT", 301), ("SHOP", 299))
            ]
            redemption.redeem(order, uses, now=now)
            post("PAID", order, platform, 300, now)
            post("PAID-2", order, county, 301, now)
        redemption.release_spare(orders[settled.pk], now=now)
        redemption.give_back(orders[returned.pk], now=now)
        post("CLOSED", orders[returned.pk], platform, -300, now)
        post("CLOSED-2", orders[returned.pk], county, -301, now)
    expiring.expire_due(unused.valid_until, limit=1)
    return platform, batch, user, used


def test_every_promise_holds_after_a_busy_day(day):
    assert broken() == {}
    assert sorted(UserCoupon.objects.values_list("state", flat=True)) == [
        "EXPIRED",
        "LOCKED",
        "UNUSED",
        "USED",
        "USED",
    ]


def test_a_budget_that_reserves_more_than_coupons_explain_is_reported(day):
    platform, *_ = day
    hold = QuotaHold.objects.filter(quota=platform.quota, held__gt=0).earliest("id")
    QuotaHold.objects.filter(pk=hold.pk).update(held=F("held") + 1)
    QuotaShard.objects.filter(pk=hold.shard_id).update(held=F("held") + 1)

    found = broken()

    assert list(found) == ["coupons.coupons_explain_budgets"]
    assert [finding.subject for finding in found["coupons.coupons_explain_budgets"]] == [
        f"budget {platform.reference}"
    ]


def test_an_overdrawn_budget_is_reported(day):
    platform, *_ = day
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE quotas_quotashard DROP CONSTRAINT quotas_quotashard_never_overdrawn"
        )
    shard = platform.quota.parts.get(number=3)
    QuotaShard.objects.filter(pk=shard.pk).update(total=-1)

    found = broken()

    assert list(found) == ["coupons.budgets_are_never_overdrawn"]
    assert found["coupons.budgets_are_never_overdrawn"][0].subject == (
        f"budget {platform.reference} shard 3"
    )


def test_a_use_that_costs_more_than_was_spent_is_reported(day):
    *_, used = day
    CouponUse.objects.filter(coupon=used, funder="PLATFORM").update(amount_fen=301)

    found = broken(["coupons.uses_equal_spent"])

    assert [finding.detail for finding in found["coupons.uses_equal_spent"]] == [
        "spent 600, coupons took 901 off and 300 were reversed"
    ]


def test_a_subsidy_in_the_books_that_no_budget_spent_is_reported(day, now):
    platform, *_ = day
    post("WRONG", uuid4(), platform, 1, now)

    found = broken()

    assert list(found) == ["coupons.ledger_equals_spent"]
    assert found["coupons.ledger_equals_spent"][0].detail == "spent 600, the ledger says 601"


def test_a_subsidy_of_a_budget_nobody_knows_is_reported(day, now):
    sides = [
        posting.Posting(AccountKind.SUBSIDY, "nobody", 5),
        posting.Posting(AccountKind.SHOP_PAYABLE, "shop", -5),
    ]
    posting.post(kind="WRONG", reference="1", postings=sides, now=now)

    assert [finding.subject for finding in broken()["coupons.ledger_equals_spent"]] == [
        "budget nobody"
    ]


def test_a_piece_without_a_coupon_is_reported(day):
    _, batch, *_ = day
    QuotaShard.objects.filter(quota=batch.quota, number=0).update(spent=F("spent") + 1)

    found = broken()

    assert list(found) == ["coupons.pieces_equal_coupons", "quotas.spent_is_explained"]
    assert found["coupons.pieces_equal_coupons"][0].detail == "6 pieces taken, 5 coupons"


def test_a_count_that_is_not_the_number_of_coupons_is_reported(day):
    _, batch, user, _ = day
    ClaimCount.objects.update(claimed=4)

    found = broken()

    assert list(found) == ["coupons.counts_equal_coupons"]
    assert found["coupons.counts_equal_coupons"][0].subject == (
        f"batch {batch.reference} person {user.pk}"
    )


@pytest.fixture
def capped(now):
    """A coupon of a budget that is capped by the day."""
    budget = a_budget(daily_cap_fen=9_000)
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))
    a_coupon(a_user(), batch, now)
    assert broken() == {}
    return budget, BudgetDay.objects.get()


def test_a_day_that_lost_a_hold_is_reported(capped):
    budget, day = capped
    hold = QuotaHold.objects.get(quota=day.quota)
    QuotaHold.objects.filter(pk=hold.pk).update(held=F("held") - 1, returned=F("returned") + 1)
    QuotaShard.objects.filter(pk=hold.shard_id).update(held=F("held") - 1)

    found = broken()

    assert list(found) == ["coupons.days_follow_their_budgets"]
    assert found["coupons.days_follow_their_budgets"][0].subject == (
        f"budget {budget.reference} on 2026-11-11"
    )


def test_a_day_that_was_opened_for_more_than_the_cap_is_reported(capped):
    _, day = capped
    QuotaShard.objects.filter(quota=day.quota).update(total=9_001)

    found = broken()

    assert list(found) == ["coupons.days_keep_to_the_cap"]
    assert found["coupons.days_keep_to_the_cap"][0].detail == "opened for 9001, the cap is 9000"


def test_a_coupon_that_is_not_what_its_batch_is_is_reported(day, now):
    *_, used = day
    coded = with_codes(a_batch(by_code=True, quantity=3), now)
    with transaction.atomic():
        claims.claim_by_code(
            a_user().pk, codes_of(coded)[0].replace("-", ""), origin=claims.Origin(), now=now
        )
    assert broken() == {}
    rows = UserCoupon.objects.filter(pk=used.pk)
    free = CouponCode.objects.exclude(pk__in=UserCoupon.objects.filter(code__gt=0).values("code"))

    for changes in ({"is_for_newcomers": True}, {"code": free.earliest("id")}):
        rows.update(**changes)
        found = broken()
        assert list(found) == ["coupons.coupons_follow_their_batches"]
        assert found["coupons.coupons_follow_their_batches"][0].subject == (
            f"coupon {used.reference}"
        )
        rows.update(is_for_newcomers=False, code=None)


def test_a_run_that_lost_a_code_is_reported(now):
    batch = with_codes(a_batch(by_code=True, quantity=3), now)
    assert broken() == {}

    CouponCode.objects.filter(batch=batch, number=2).delete()

    found = broken()
    assert [finding.detail for finding in found["coupons.runs_count_their_codes"]] == [
        "3 written up to 3, 2 codes stand, the last is 1"
    ]
