"""A claim log replayed over HTTP: each rule a batch, each claim accepted or refused as it says."""

import json
import secrets
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from core import reconciling
from core.accounts.domain.roles import Role
from core.accounts.models import Session, Token, TokenKind, User
from core.accounts.selectors.sessions import digest_of
from marketplace.coupons.models import CouponBatch, UserCoupon
from tests.factories.accounts import a_staff, bearer
from tests.support import claim_log
from tests.support.claim_log import Claim, Plan

pytestmark = pytest.mark.django_db
REAL = claim_log.found()
AT_ONCE = 1_000
# Of so many people one is heard, unless all are asked for: `manage.py test FILE --whole`.
ONE_IN = 8
PROMISES = [
    "coupons.coupons_explain_budgets",
    "coupons.counts_equal_coupons",
    "coupons.pieces_equal_coupons",
    "quotas.holds_explain_held",
    "quotas.spent_is_explained",
]

# A made log: two rules of each grammar, people who come again, on one day and on others.
MADE = [
    *(Claim(person, "30:5", day) for day in (1, 2, 3) for person in "abcdefabc"),
    *(Claim(person, "100:20", day) for day in (1, 2, 4) for person in "abcdefgg"),
    *(Claim(person, "0.9", day) for day in (1, 3) for person in "abcdd"),
    *(Claim(person, "20:1", day) for day in (1, 2, 3) for person in "abce"),
    *(Claim(person, "0.85", day) for day in (2, 4, 5) for person in "abf"),
]
MADE_PLANS = {
    "30:5": Plan(per_person=2, pieces=11),
    "100:20": Plan(per_person=2, paid_for=7),
    "0.9": Plan(),
    "20:1": Plan(per_person=3, paused_on=2),
    "0.85": Plan(per_person=3, ends_after=4),
}


def signed_in(people):
    """Let many people be signed in at once; return what each of them sends."""
    now = timezone.now()
    users = User.objects.bulk_create(User(joined_at=now, password="!") for _ in people)
    ends = now + timedelta(hours=3)
    sessions = Session.objects.bulk_create(
        Session(user=user, opened_at=now, expires_at=ends) for user in users
    )
    written = [secrets.token_urlsafe(32) for _ in people]
    Token.objects.bulk_create(
        Token(session=session, kind=TokenKind.ACCESS, digest=digest_of(token), expires_at=ends)
        for session, token in zip(sessions, written, strict=True)
    )
    return {
        person: {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        for person, token in zip(people, written, strict=True)
    }


class Market:
    """The market at the other end of the wire."""

    def __init__(self, client):
        self.client = client
        # So much money is approved by somebody else than who drafts it.
        self.staff, self.officer = (bearer(a_staff(Role.CAMPAIGN_MANAGER)) for _ in range(2))
        self.batches = {}

    def post(self, headers, address, body=None, expected=None):
        answer = self.client.post(
            f"/api/v1/{address}",
            json.dumps(body or {}),
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=str(uuid4()),
            **headers,
        )
        assert expected in (None, answer.status_code), answer.content.decode()
        return answer

    def open(self, rule, plan):
        """Draft a batch for a rule and put it to work."""
        money = {"name": rule, "funder": "PLATFORM"}
        money["total_fen"] = claim_log.worst_fen(rule) * plan.paid_for
        budget = self.post(self.staff, "staff/coupon-budgets", money, 201).json()
        now = timezone.now()
        body = {
            "name": rule,
            "issuer": "PLATFORM",
            **claim_log.terms_of(rule),
            "quantity": plan.pieces,
            "per_user_limit": plan.per_person,
            "claim_from": (now - timedelta(hours=1)).isoformat(),
            "claim_until": (now + timedelta(days=9)).isoformat(),
            "days_after_claim": 15,
            "funding": [{"funder": "PLATFORM", "bp": 10_000, "budget": budget["id"]}],
        }
        self.batches[rule] = self.post(self.staff, "staff/coupon-batches", body, 201).json()["id"]
        for action in ("submit", "approve"):
            self.step(rule, action)

    def step(self, rule, action):
        address = f"staff/coupon-batches/{self.batches[rule]}/transitions"
        person = self.officer if action == "approve" else self.staff
        self.post(person, address, {"action": action}, 200)

    def begin(self, day, plans):
        """Do what the plans say for a day."""
        for rule, plan in plans.items():
            if plan.ends_after is not None and day == plan.ends_after + 1:
                self.step(rule, "end")
            if plan.paused_on == day:
                self.step(rule, "pause")
            if plan.paused_on is not None and plan.paused_on + 1 == day:
                self.step(rule, "resume")

    def claim(self, headers, rule):
        answer = self.post(headers, f"coupon-batches/{self.batches[rule]}/claims")
        if answer.status_code == 201:
            terms = {name: answer.json()["batch"][name] for name in claim_log.terms_of(rule)}
            assert terms == claim_log.terms_of(rule)
            return "CLAIMED"
        return answer.json()["code"]


def take_stock():
    """Let the planner know how full the tables are: nobody else looks into a test in time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def replay(client, claims, plans):
    market = Market(client)
    for rule, plan in plans.items():
        market.open(rule, plan)
    people = signed_in(sorted({claim.person for claim in claims}))
    told, day = Counter(), 0
    for place, claim in enumerate(claims):
        if place % AT_ONCE == 0:
            take_stock()
        while day < claim.day:
            day += 1
            market.begin(day, plans)
        told[claim.rule, market.claim(people[claim.person], claim.rule)] += 1
    broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
    assert broken == []
    return told


def by_reason(told):
    reasons = Counter()
    for (_, reason), times in told.items():
        reasons[reason] += times
    return reasons


def test_a_made_log_is_accepted_and_refused_claim_by_claim(client):
    claims = sorted(MADE, key=lambda claim: claim.day)

    told = replay(client, claims, MADE_PLANS)

    assert told == claim_log.counted(claims, MADE_PLANS)
    assert set(by_reason(told)) == {
        "CLAIMED",
        "COUPON_USER_LIMIT",
        "COUPON_SOLD_OUT",
        "BUDGET_EXHAUSTED",
        "COUPON_PAUSED",
        "COUPON_WINDOW",
    }
    assert UserCoupon.objects.count() == by_reason(told)["CLAIMED"]


def test_rules_are_read_as_they_are_written():
    assert claim_log.terms_of("150:10") == {
        "kind": "FULL_REDUCTION",
        "threshold_fen": 15_000,
        "amount_fen": 1_000,
    }
    assert claim_log.terms_of("0.95")["discount_bp"] == 500
    assert claim_log.terms_of("0.8")["discount_bp"] == 2_000
    with pytest.raises(ValueError, match="fixed"):
        claim_log.terms_of("fixed")


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    REAL is None, reason="the claim log of real merchants does not lie beside the project"
)
def test_the_log_of_real_merchants_is_accepted_and_refused_claim_by_claim(client, pytestconfig):
    log = claim_log.read(REAL)
    assert len(log) == 22_944
    claims = log if pytestconfig.getoption("whole") else claim_log.of_one_in(ONE_IN, log)
    plans = claim_log.plans_for(claims)

    told = replay(client, claims, plans)

    assert told == claim_log.counted(claims, plans)
    assert sum(told.values()) == len(claims)
    assert CouponBatch.objects.count() == len(plans) == len({claim.rule for claim in claims})
    assert len(by_reason(told)) == 6
    assert UserCoupon.objects.count() == by_reason(told)["CLAIMED"]
    print(len(claims), "claims", len(plans), "rules", dict(by_reason(told)))
