"""A random walk of coupons through orders, on the real database: every promise at each step."""

from uuid import uuid4

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core import reconciling
from core.ledger.models import AccountKind
from core.ledger.services import posting
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import Funding
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponUse, UserCoupon
from marketplace.coupons.services import claims, expiring, money, redemption
from marketplace.coupons.services.uses import Use
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget
from tests.support.walking import PACE, Walk, walk

PROMISES = [
    "coupons.budgets_are_never_overdrawn",
    "coupons.coupons_explain_budgets",
    "coupons.counts_equal_coupons",
    "coupons.ledger_equals_spent",
    "coupons.pieces_equal_coupons",
    "coupons.uses_equal_spent",
    "quotas.holds_explain_held",
    "quotas.spent_is_explained",
]
WORST_FEN = 1_001


class CouponWalk(Walk):
    """People claim, order, pay, cancel, ship and return while time goes on."""

    coupons = Bundle("coupons")
    unpaid = Bundle("unpaid")
    paid = Bundle("paid")

    @initialize()
    def open_the_campaign(self):
        self.users = [a_user() for _ in range(2)]
        self.budgets = [a_budget(5_000), a_budget(4_000, "GOVERNMENT")]
        shares = (
            WantedFunding("PLATFORM", 3_333, self.budgets[0].reference),
            WantedFunding("GOVERNMENT", 3_333, self.budgets[1].reference),
            WantedFunding("SHOP", 3_334),
        )
        self.funding = [Funding(part.funder, part.bp) for part in shares]
        self.batch = a_batch(
            kind="DIRECT",
            threshold_fen=None,
            amount_fen=WORST_FEN,
            quantity=15,
            per_user_limit=12,
            funding=shares,
            use_until=None,
            days_after_claim=1,
        )

    @rule(target=coupons, who=st.integers(0, 1))
    def claim(self, who):
        user_id = self.users[who].pk
        done = self.tried(lambda: claims.claim(user_id, self.batch.reference, self.now))
        if isinstance(done, UserCoupon):
            return done
        refusals = money.BudgetExhausted | claims.CouponSoldOut | claims.CouponUserLimit
        assert isinstance(done, refusals)
        return multiple()

    @rule(target=unpaid, coupon=coupons)
    def order(self, coupon):
        order = uuid4()
        before = UserCoupon.objects.get(pk=coupon.pk)
        is_usable = before.state == "UNUSED" and self.now < before.valid_until
        refusal = self.tried(
            lambda: redemption.lock(
                [coupon.reference],
                user_id=coupon.user_id,
                order_reference=order,
                now=self.now,
            )
        )
        assert (refusal is None) == is_usable
        return multiple() if refusal else (order, coupon.reference)

    @rule(target=paid, order=consumes(unpaid), total_fen=st.integers(1, WORST_FEN))
    def pay(self, order, total_fen):
        reference, coupon = order
        parts = discounts.split_total(total_fen, self.funding)
        uses = [Use(coupon, uuid4(), funder, fen) for funder, fen in parts.items() if fen]
        spent = redemption.redeem(reference, uses, now=self.now)
        self.post("PAID", reference, spent, 1)
        return reference

    @rule(order=consumes(unpaid))
    def cancel(self, order):
        redemption.unlock(order[0], now=self.now)

    @rule(order=paid)
    def ship(self, order):
        redemption.release_spare(order, now=self.now)

    @rule(order=paid)
    def refund(self, order):
        was_settled = UserCoupon.objects.filter(
            order_reference=order, settled_at__isnull=False
        ).exists()
        back = redemption.give_back(order, now=self.now)
        assert not (was_settled and back)
        self.post("CLOSED", order, back, -1)

    @rule()
    def sweep(self):
        expiring.expire_due(self.now)

    @invariant()
    def every_promise_holds(self):
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert not broken, broken
        assert not CouponUse.objects.filter(amount_fen__gt=WORST_FEN).exists()

    def post(self, kind, order, by_budget, sign):
        sides = [
            posting.Posting(AccountKind.SUBSIDY, owner, sign * fen)
            for owner, fen in by_budget.items()
        ]
        total = sum(side.amount_fen for side in sides)
        sides.append(posting.Posting(AccountKind.SHOP_PAYABLE, "shop", -total))
        posting.post(kind=kind, reference=str(order), postings=sides, now=self.now)


@pytest.mark.django_db
def test_no_walk_of_coupons_loses_or_invents_a_fen():
    walk(CouponWalk, examples=12)


@pytest.mark.django_db
def test_canary_a_walk_notices_money_that_is_not_set_aside_again(monkeypatch):
    monkeypatch.setattr(redemption.drawing, "unspend", lambda owner: None)
    seen_once = settings(max_examples=60, derandomize=True, phases=[Phase.generate], **PACE)

    with pytest.raises(AssertionError, match="coupons_explain_budgets"):
        run_state_machine_as_test(CouponWalk, settings=seen_once)
