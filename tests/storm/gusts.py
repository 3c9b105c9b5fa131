"""What blows through one budget: claims, orders, payments, returns, expiry and voiding at random.

Everybody picks what they do from the rows as they stand, so a worker may die at any moment and the
next one goes on. Each deed is one transaction with its posting in the ledger, as in the market.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import QuerySet

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import DomainError
from core.ledger.models import AccountKind
from core.ledger.services import posting
from core.transactions import entry
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponBatch, CouponBudget, UserCoupon
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import claims, expiring, redemption, voiding
from marketplace.coupons.services.uses import Use
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget

# Nobody's clock moves: what runs out does so in the eyes of the sweep.
NOW = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
PROMISES = [
    "coupons.budgets_are_never_overdrawn",
    "coupons.coupons_explain_budgets",
    "coupons.counts_equal_coupons",
    "coupons.days_follow_their_budgets",
    "coupons.days_keep_to_the_cap",
    "coupons.ledger_equals_spent",
    "coupons.pieces_equal_coupons",
    "coupons.uses_equal_spent",
    "quotas.holds_explain_held",
    "quotas.spent_is_explained",
]


@dataclass(frozen=True, slots=True)
class Campaign:
    """One budget, the batches that draw on it, and the people who do."""

    budget_id: int
    reference: str
    quota_id: int
    total_fen: int
    face_fen: int
    batches: tuple[str, ...]
    users: tuple[int, ...]


def open_campaign(
    *,
    total_fen: int,
    face_fen: int = 2_000,
    quantity: int = 5_000_000,
    people: int = 50,
    daily_cap_fen: int | None = None,
) -> Campaign:
    """Open a budget with two batches: one sets its money aside at the claim, one at the use."""
    budget = a_budget(total_fen, daily_cap_fen=daily_cap_fen)
    common: dict[str, Any] = {
        "kind": "DIRECT",
        "threshold_fen": None,
        "amount_fen": face_fen,
        "quantity": quantity,
        "per_user_limit": 10_000,
        "use_until": None,
        "days_after_claim": 2,
        "funding": (WantedFunding("PLATFORM", 10_000, budget.reference),),
    }
    batches = [a_batch(**common), a_batch(**common, commit_mode="AT_USE")]
    return Campaign(
        budget_id=budget.pk,
        reference=str(budget.reference),
        quota_id=budget.quota_id,
        total_fen=total_fen,
        face_fen=face_fen,
        batches=tuple(str(batch.reference) for batch in batches),
        users=tuple(a_user().pk for _ in range(people)),
    )


def campaign_of(reference: str) -> Campaign:
    """Return a campaign that somebody else has opened."""
    budget = CouponBudget.objects.get(reference=reference)
    batches = CouponBatch.objects.filter(funding__budget=budget).order_by("id")
    first = batches[0]
    people = UserCoupon._meta.get_field("user").related_model.objects.order_by("id")
    return Campaign(
        budget_id=budget.pk,
        reference=reference,
        quota_id=budget.quota_id,
        total_fen=sum(budget.quota.parts.values_list("total", flat=True)),
        face_fen=first.amount_fen or 0,
        batches=tuple(str(batch.reference) for batch in batches),
        users=tuple(people.values_list("pk", flat=True)),
    )


@dataclass
class Gust:
    """One pair of hands with a connection of its own."""

    campaign: Campaign
    seed: int
    told: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def blow(self, until: float) -> None:
        """Do one thing after the other until the time is over."""
        deeds: dict[str, tuple[Callable[[], object], int]] = {
            "claim": (self._claim, 8),
            "order": (self._order, 6),
            "pay": (self._pay, 5),
            "cancel": (self._cancel, 3),
            "refund": (self._refund, 3),
            "ship": (self._ship, 2),
            "expire": (self._expire, 1),
            "void": (self._void, 1),
        }
        names, weights = list(deeds), [weight for _, weight in deeds.values()]
        try:
            while time.monotonic() < until:
                (name,) = self.dice.choices(names, weights)
                self._try(name, deeds[name][0])
        finally:
            connection.close()

    def _try(self, name: str, deed: Callable[[], object]) -> None:
        try:
            outcome = "done" if deed() else "nothing to do"
        except DomainError as refusal:
            outcome = refusal.code
        except Exception as wrong:  # noqa: BLE001 - the storm tells of it and goes on.
            outcome = type(wrong).__name__
            self.failures.append(f"{name}: {wrong!r}"[:300])
        self.told[f"{name}: {outcome}"] += 1

    def _one_of(self, **wanted: Any) -> UserCoupon | None:
        rows: QuerySet[UserCoupon] = UserCoupon.objects.filter(
            batch__reference__in=self.campaign.batches, **wanted
        )
        # Somewhere among the newest: old ones have been everything already.
        place = self.dice.randrange(30)
        found = list(rows.select_related("batch").order_by("-id")[place : place + 1])
        return found[0] if found else None

    def _claim(self) -> object:
        user, batch = self.dice.choice(self.campaign.users), self.dice.choice(self.campaign.batches)
        return entry(claims.claim)(user, batch, NOW)

    def _order(self) -> object:
        coupon = self._one_of(state="UNUSED")
        return coupon and entry(_order)(coupon)

    def _pay(self) -> object:
        coupon = self._one_of(state="LOCKED")
        fen = self.dice.randint(1, self.campaign.face_fen)
        return coupon and entry(_pay)(coupon, fen)

    def _cancel(self) -> object:
        coupon = self._one_of(state="LOCKED")
        return coupon and entry(_cancel)(coupon)

    def _refund(self) -> object:
        coupon = self._one_of(state="USED", settled_at=None)
        return coupon and entry(_refund)(coupon)

    def _ship(self) -> object:
        coupon = self._one_of(state="USED", settled_at=None)
        return coupon and entry(_ship)(coupon)

    def _expire(self) -> object:
        return expiring.expire_due(LATER, limit=self.dice.randint(1, 3))

    def _void(self) -> object:
        coupon = self._one_of(state__in=("UNUSED", "LOCKED"))
        return coupon and entry(voiding.void)(
            coupon.reference, reason="storm", actor=SYSTEM, now=NOW
        )


def _order(coupon: UserCoupon) -> bool:
    order = uuid4()
    redemption.lock([coupon.reference], user_id=coupon.user_id, order_reference=order, now=NOW)
    terms = wallet.terms_of(coupon.user_id, [coupon.reference], NOW)
    if coupon.batch.commit_mode == "AT_USE":
        redemption.set_aside([one.terms for one in terms], order_reference=order, now=NOW)
    return True


def _pay(coupon: UserCoupon, fen: int) -> bool:
    order = coupon.order_reference
    if order is None or not redemption.is_good_for(order, [coupon.reference]):
        return False
    use = Use(coupon.reference, uuid4(), "PLATFORM", fen)
    _post("STORM_PAID", str(use.line_reference), redemption.redeem(order, [use], now=NOW), 1)
    return True


def _cancel(coupon: UserCoupon) -> bool:
    if coupon.order_reference is None:
        return False
    redemption.unlock(coupon.order_reference, now=NOW)
    return True


def _refund(coupon: UserCoupon) -> bool:
    if coupon.order_reference is None:
        return False
    back = redemption.give_back(coupon.order_reference, now=NOW)
    _post("STORM_CLOSED", str(uuid4()), back, -1)
    return bool(back)


def _ship(coupon: UserCoupon) -> bool:
    if coupon.order_reference is None:
        return False
    redemption.release_spare(coupon.order_reference, now=NOW)
    return True


def _post(kind: str, reference: str, by_budget: dict[str, int], sign: int) -> None:
    sides = [
        posting.Posting(AccountKind.SUBSIDY, owner, sign * fen) for owner, fen in by_budget.items()
    ]
    if sides:
        total = sum(side.amount_fen for side in sides)
        sides.append(posting.Posting(AccountKind.SHOP_PAYABLE, "storm", -total))
        posting.post(kind=kind, reference=reference, postings=sides, now=NOW)


# --- Looking at it --------------------------------------------------------------------------------

_FIGURES = """
    SELECT sum(shard.total), sum(shard.held), sum(shard.spent),
           min(least(shard.held, shard.spent, shard.total - shard.held - shard.spent)),
           (SELECT coalesce(sum(hold.held), 0) FROM quotas_quotahold AS hold
            WHERE hold.quota_id = %(quota)s),
           (SELECT coalesce(sum(used.amount_fen), 0) FROM coupons_couponuse AS used
            WHERE used.budget_id = %(budget)s AND used.reversed_at IS NULL),
           (SELECT coalesce(sum(posting.amount_fen), 0) FROM ledger_posting AS posting
            WHERE posting.account = 'SUBSIDY' AND posting.owner = %(owner)s)
    FROM quotas_quotashard AS shard WHERE shard.quota_id = %(quota)s
"""


@dataclass
class Lookout:
    """Somebody who looks at the budget again and again, each time at one instant of it."""

    campaign: Campaign
    pause_s: float = 0.05
    # Every so often everything is derived from scratch, still at one instant.
    whole_every: int = 5
    looks: int = 0
    fullest_fen: int = 0
    wrongs: list[str] = field(default_factory=list)

    def watch(self, until: float) -> None:
        """Look until the time is over."""
        try:
            while time.monotonic() < until:
                self.look(whole=self.looks % self.whole_every == 0)
                time.sleep(self.pause_s)
        finally:
            connection.close()

    def look(self, *, whole: bool) -> None:
        """Judge one snapshot: every figure in it is of the same instant."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(
                _FIGURES,
                {
                    "quota": self.campaign.quota_id,
                    "budget": self.campaign.budget_id,
                    "owner": self.campaign.reference,
                },
            )
            total, held, spent, least, explained, used, booked = map(int, cursor.fetchone())
            broken = reconciling.run(PROMISES) if whole else []
        available = total - held - spent
        self.looks += 1
        self.fullest_fen = max(self.fullest_fen, held + spent)
        judged = {
            "available + reserved + spent is not the total": total != self.campaign.total_fen,
            "something is below zero": min(least, available) < 0,
            "what is reserved is not what is held": held != explained,
            "what is spent is not what coupons cost": spent != used,
            "the ledger is not what is spent": spent != booked,
        }
        figures = (total, available, held, spent, explained, used, booked)
        self.wrongs += [f"{what}: {figures}" for what, is_so in judged.items() if is_so]
        self.wrongs += [f"{one.name}: {one.findings}" for one in broken if not one.is_held]
