"""Budgets are read as they go, somebody is told in time, and refusals are counted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from core import periods
from core.http import tallies
from marketplace.coupons.domain import burning
from marketplace.coupons.domain.burning import Burn
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import BatchReading, BudgetAlert, BudgetReading, ClaimRefusal
from marketplace.coupons.selectors import shown, watched
from marketplace.coupons.services import burning as watching
from marketplace.coupons.services import refusals
from tests.factories.accounts import a_user, bearer
from tests.factories.coupons import a_batch, a_budget, a_coupon, codes_of, with_codes
from tests.support import desk

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _forget():
    tallies.take(refusals.TALLY)


def a_campaign(now, total_fen=30_000, **changes):
    budget = a_budget(total_fen=total_fen)
    funding = (WantedFunding("PLATFORM", 10_000, budget.reference),)
    return budget, a_batch(funding=funding, **changes)


@pytest.mark.parametrize(
    ("committed", "kinds"),
    [
        (499, []),
        (500, ["HALF"]),
        (800, ["HALF", "MOST"]),
        (950, ["HALF", "MOST", "NEARLY_ALL"]),
        (1_000, ["HALF", "MOST", "NEARLY_ALL", "ALL"]),
    ],
)
def test_a_budget_is_told_of_at_each_level(committed, kinds, now):
    assert list(burning.alerts_of(Burn(1_000, committed, None, None, None), now)) == kinds


def test_a_budget_that_goes_too_fast_is_told_of(now):
    # 100 of 1,000 in an hour: the other 900 last for nine hours.
    burn = Burn(1_000, 100, 0, now - HOUR, now + 10 * HOUR)

    assert burning.ends_at(burn, now) == now + 9 * HOUR
    assert list(burning.alerts_of(burn, now)) == ["ENDS_EARLY"]
    for fine in (
        replace(burn, needed_until=now + 9 * HOUR),
        replace(burn, needed_until=None),
        replace(burn, earlier_at=now - timedelta(minutes=29)),
        replace(burn, earlier_fen=100),
        replace(burn, earlier_at=None, earlier_fen=None),
    ):
        assert list(burning.alerts_of(fine, now)) == []


def test_each_alert_is_raised_once_for_each_total(now):
    _, batch = a_campaign(now, total_fen=6_000)
    a_coupon(a_user(), batch, now)

    assert [watching.watch(now), watching.watch(now)] == [1, 0]
    a_coupon(a_user(), batch, now)
    assert watching.watch(now + HOUR) == 3

    kinds = BudgetAlert.objects.order_by("id").values_list("kind", "committed_fen")
    assert list(kinds) == [
        ("HALF", 3_000),
        ("MOST", 6_000),
        ("NEARLY_ALL", 6_000),
        ("ALL", 6_000),
    ]


def test_readings_are_written_when_something_changed_and_not_too_often(now):
    budget, batch = a_campaign(now)
    later = now + watching.EVERY

    watching.watch(now)
    a_coupon(a_user(), batch, now)
    watching.watch(later - timedelta(seconds=1))
    watching.watch(later)
    watching.watch(later + HOUR)

    of_budget = BudgetReading.objects.filter(budget=budget).order_by("at")
    assert list(of_budget.values_list("at", "held_fen")) == [(now, 0), (later, 3_000)]
    of_batch = BatchReading.objects.filter(batch=batch).order_by("at")
    assert list(of_batch.values_list("at", "claimed")) == [(now, 0), (later, 1)]


def test_a_curve_has_few_points_however_many_readings_there_are(now):
    budget, _ = a_campaign(now)
    BudgetReading.objects.bulk_create(
        BudgetReading(
            budget=budget, at=now - place * HOUR, total_fen=30_000, held_fen=0, spent_fen=0
        )
        for place in range(1, 1_001)
    )

    points = watched.burn_of(shown.budget(budget.reference), now)

    assert len(points) <= watched.POINTS_MAX + 2
    assert [points[0].at, points[-2].at, points[-1].at] == [now - 1_000 * HOUR, now - HOUR, now]


def claim(client, user, batch, key):
    return client.post(
        f"/api/v1/coupon-batches/{batch.reference}/claims",
        {},
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY=key,
        **bearer(user),
    )


def test_refused_claims_are_counted_by_reason_and_accepted_ones_are_not(client, now):
    _, batch = a_campaign(now, quantity=1)
    first, second = a_user(), a_user()

    assert claim(client, first, batch, "a").status_code == 201
    assert claim(client, first, batch, "b").json()["code"] == "COUPON_USER_LIMIT"
    for key in ("c", "d"):
        assert claim(client, second, batch, key).json()["code"] == "COUPON_SOLD_OUT"
    assert (refusals.fold(now), refusals.fold(now)) == (3, 0)
    claim(client, second, batch, "e")
    refusals.fold(now)

    rows = ClaimRefusal.objects.filter(batch=batch).values_list("code", "refused")
    assert dict(rows) == {"COUPON_USER_LIMIT": 1, "COUPON_SOLD_OUT": 3}
    today = periods.local_day(timezone.now())
    assert watched.refused_of(batch, today)[0] == ("COUPON_SOLD_OUT", 3, 3)


def test_a_refused_code_counts_for_its_batch_and_an_unknown_one_for_none(client, now):
    batch = with_codes(a_batch(by_code=True, quantity=3, per_user_limit=1), now)
    user = a_user()

    answers = [
        client.post(
            "/api/v1/coupon-codes/claims",
            {"code": code},
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=key,
            **bearer(user),
        ).status_code
        for key, code in zip("abc", [*codes_of(batch)[:2], codes_of(batch)[0]], strict=True)
    ]
    refusals.fold(now)

    assert answers == [201, 409, 404]
    assert list(ClaimRefusal.objects.values_list("batch", "code")) == [
        (batch.pk, "COUPON_USER_LIMIT")
    ]


def test_the_pages_draw_how_it_goes_and_say_who_was_told(now):
    budget, batch = a_campaign(now, total_fen=6_000)
    past = now - 2 * HOUR
    watching.watch(past)
    a_coupon(a_user(), batch, now)
    watching.watch(now)
    ClaimRefusal.objects.create(
        batch=batch, day=periods.local_day(now), code="COUPON_SOLD_OUT", refused=7
    )
    boss = desk.seat(desk.superuser())

    shown_budget = boss.get(desk.one(budget)).content.decode()
    shown_batch = boss.get(desk.one(batch)).content.decode()

    assert "<polyline" in shown_budget
    assert "已使用 50%" in shown_budget
    assert "<polyline" in shown_batch
    assert "已领完" in shown_batch
