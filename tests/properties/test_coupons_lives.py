"""Every life of coupons, walked on the real database while time goes on.

Whatever is tried next is tried in every state: what the table allows happens, and everything else
is refused with nothing changed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import DomainError, IllegalTransition, InvalidInput
from core.ledger.models import AccountKind
from core.ledger.services import posting
from core.states import Machine
from marketplace.abuse.services.watching import NotANewUser
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import Funding
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.domain.states import BATCH_LIFE, CODE_RUN_LIFE, COUPON_LIFE
from marketplace.coupons.models import (
    CodeRun,
    CouponBatch,
    CouponCode,
    UserCoupon,
)
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import (
    batches,
    claims,
    codes,
    deciding,
    editing,
    expiring,
    money,
    newcomers,
    redemption,
    voiding,
)
from marketplace.coupons.services.redemption import CouponNotUsable
from marketplace.coupons.services.uses import Use
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget, a_draft
from tests.support.walking import BEGAN, PACE, Walk, lines_of, noticed, seen, tour, walk, way_to

WORST_FEN, LITTLE_FEN = 1_001, 700
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


# --- The life of a coupon -------------------------------------------------------------------------


@dataclass
class Owned:
    """A coupon as one would keep it in a notebook."""

    row: UserCoupon
    batch: CouponBatch
    state: str = "UNUSED"
    valid_until: datetime = BEGAN
    order: object = None
    is_settled: bool = False


class CouponLife(Walk):
    """People claim, order, pay, cancel, ship, return, and some of it is voided."""

    coupons = Bundle("coupons")
    orders = Bundle("orders")

    @initialize()
    def open_the_campaign(self):
        self.users = [a_user() for _ in range(2)]
        self.bought = dict.fromkeys((user.pk for user in self.users), 0)
        budgets = [a_budget(9_000, daily_cap_fen=4_000), a_budget(8_000, "GOVERNMENT")]
        shares = (
            WantedFunding("PLATFORM", 3_333, budgets[0].reference),
            WantedFunding("GOVERNMENT", 3_333, budgets[1].reference),
            WantedFunding("SHOP", 3_334),
        )
        self.funding = [Funding(part.funder, part.bp) for part in shares]
        common = {
            "kind": "DIRECT",
            "threshold_fen": None,
            "amount_fen": WORST_FEN,
            "quantity": 30,
            "per_user_limit": 12,
            "funding": shares,
            "use_until": None,
            "days_after_claim": 1,
        }
        self.batches = [
            a_batch(**common),
            a_batch(**common | {"commit_mode": "AT_USE", "grace_hours_on_return": 24}),
            a_batch(**common | {"kind": "NEW_USER", "amount_fen": LITTLE_FEN}),
        ]
        self.owned = {}
        self.ordered = {}

    @rule(target=coupons, who=st.integers(0, 1), which=st.integers(0, 2))
    def claim(self, who, which):
        batch, user = self.batches[which], self.users[who]
        got = self.tried(lambda: claims.claim(user.pk, batch.reference, self.now))
        is_late = batch.kind == "NEW_USER" and self.bought[user.pk] > 0
        assert isinstance(got, NotANewUser) == is_late
        if isinstance(got, DomainError):
            assert isinstance(got, NotANewUser | money.BudgetExhausted | claims.CouponUserLimit)
            return multiple()
        self.owned[got.pk] = Owned(got, batch, valid_until=got.valid_until)
        return got.pk

    @rule(target=orders, key=coupons)
    def order(self, key):
        owned, order = self.owned[key], uuid4()

        def place():
            redemption.lock(
                [owned.row.reference],
                user_id=owned.row.user_id,
                order_reference=order,
                now=self.now,
            )
            terms = wallet.terms_of(owned.row.user_id, [owned.row.reference], self.now)
            if owned.batch.commit_mode == "AT_USE":
                redemption.set_aside(
                    [one.terms for one in terms], order_reference=order, now=self.now
                )

        refusal = self.tried(place)
        is_usable = owned.state == "UNUSED" and self.now < owned.valid_until
        if not is_usable:
            assert isinstance(refusal, CouponNotUsable)
        elif self.is_too_late_for(owned):
            assert isinstance(refusal, NotANewUser)
        elif isinstance(refusal, DomainError):
            assert isinstance(refusal, money.BudgetExhausted)
            assert owned.batch.commit_mode == "AT_USE"
        else:
            owned.state, owned.order = "LOCKED", order
            self.ordered[order] = key
            return order
        return multiple()

    def is_too_late_for(self, owned):
        others = [
            one
            for one in self.owned.values()
            if one is not owned
            and one.batch.kind == "NEW_USER"
            and one.row.user_id == owned.row.user_id
            and one.state in ("LOCKED", "USED")
        ]
        return owned.batch.kind == "NEW_USER" and (
            self.bought[owned.row.user_id] > 0 or bool(others)
        )

    def stands(self, order, *states):
        owned = self.owned[self.ordered[order]]
        return owned if owned.order == order and owned.state in states else None

    @rule(order=orders, total_fen=st.integers(1, LITTLE_FEN))
    def pay(self, order, total_fen):
        owned = self.stands(order, "LOCKED")
        key = self.ordered[order]
        reference = self.owned[key].row.reference
        assert redemption.is_good_for(order, [reference]) == (owned is not None)
        parts = discounts.split_total(total_fen, self.funding)
        uses = [Use(reference, uuid4(), funder, fen) for funder, fen in parts.items() if fen]
        spent = {}

        def redeem():
            spent.update(redemption.redeem(order, uses, now=self.now))

        assert self.changed(redeem) == (owned is not None)
        if owned is not None:
            owned.state = "USED"
            self.bought[owned.row.user_id] += 1
            newcomers.count_purchase(owned.row.user_id)
            self.post("PAID", order, spent, 1)

    @rule(order=orders)
    def cancel(self, order):
        owned = self.stands(order, "LOCKED")
        was_changed = self.changed(lambda: redemption.unlock(order, now=self.now))
        assert was_changed == (owned is not None)
        if owned is not None:
            owned.state, owned.order = "UNUSED", None

    @rule(order=orders)
    def ship(self, order):
        owned = self.stands(order, "USED")
        is_due = owned is not None and not owned.is_settled
        assert self.changed(lambda: redemption.release_spare(order, now=self.now)) == is_due
        if is_due:
            owned.is_settled = True

    @rule(order=orders)
    def refund(self, order):
        owned = self.stands(order, "USED")
        is_due = owned is not None and not owned.is_settled
        back = {}

        def give_back():
            back.update(redemption.give_back(order, now=self.now))

        assert self.changed(give_back) == is_due
        if not is_due:
            return
        owned.order = None
        if self.now < owned.valid_until:
            owned.state = "UNUSED"
        elif owned.batch.grace_hours_on_return:
            owned.state = "UNUSED"
            owned.valid_until = self.now + timedelta(hours=24)
        else:
            owned.state = "EXPIRED"
        self.bought[owned.row.user_id] -= 1
        newcomers.uncount_purchase(owned.row.user_id)
        self.post("CLOSED", order, back, -1)

    @rule(key=coupons)
    def void(self, key):
        owned = self.owned[key]
        done = self.tried(
            lambda: voiding.void(owned.row.reference, reason="fraud", actor=SYSTEM, now=self.now)
        )
        if owned.state in ("UNUSED", "LOCKED"):
            assert done.state == "VOIDED"
            owned.state, owned.order = "VOIDED", None
        else:
            assert isinstance(done, IllegalTransition)

    @rule()
    def sweep(self):
        due = [
            owned
            for owned in self.owned.values()
            if owned.state == "UNUSED" and owned.valid_until <= self.now
        ]
        assert expiring.expire_due(self.now) == len(due)
        for owned in due:
            owned.state = "EXPIRED"

    @invariant()
    def the_notebook_agrees(self):
        told = {
            key: (owned.state, owned.order) for key, owned in getattr(self, "owned", {}).items()
        }
        rows = UserCoupon.objects.filter(pk__in=told)
        assert {row.pk: (row.state, row.order_reference) for row in rows.order_by("pk")} == told

    @invariant()
    def every_promise_holds(self):
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert not broken, broken

    def post(self, kind, order, by_budget, sign):
        sides = [
            posting.Posting(AccountKind.SUBSIDY, owner, sign * fen)
            for owner, fen in by_budget.items()
        ]
        total = sum(side.amount_fen for side in sides)
        if sides:
            sides.append(posting.Posting(AccountKind.SHOP_PAYABLE, "shop", -total))
            posting.post(kind=kind, reference=str(order), postings=sides, now=self.now)


# --- The life of a batch --------------------------------------------------------------------------


class BatchLife(Walk):
    """A batch is submitted, decided, paused, grown, ended and voided in every order there is."""

    @initialize()
    def draft(self):
        wanted = a_draft(
            claim_from=BEGAN,
            claim_until=BEGAN + timedelta(days=3),
            use_until=BEGAN + timedelta(days=6),
            quantity=50,
            per_user_limit=50,
        )
        with transaction.atomic():
            self.batch = batches.draft(wanted, actor=SYSTEM, now=self.now)
        self.state, self.quantity, self.voided = "DRAFT", 50, False
        self.claims_until, self.claimed = wanted.claim_until, 0
        self.user = a_user()

    @rule(place=st.integers(0, 11))
    def go_on(self, place):
        """Take a step that is possible, so that walks go far."""
        possible = [one for one in BATCH_LIFE.actions_in(self.state) if one != "edit"]
        if possible:
            self.decide(possible[place % len(possible)])

    @rule(action=st.sampled_from(deciding.STAFF_ACTIONS))
    def try_to(self, action):
        self.decide(action)

    def decide(self, action):
        done = self.tried(
            lambda: deciding.decide(
                self.batch.reference, action, actor=SYSTEM, now=self.now, reason="why"
            )
        )
        target = BATCH_LIFE.next_of(self.state, action)
        if target is None or (action == "void" and self.voided):
            assert isinstance(done, IllegalTransition)
            return
        assert done.state == target
        self.state = target
        self.voided = self.voided or action == "void"

    def edit(self, changes):
        return editing.edit(self.batch.reference, changes, actor=SYSTEM, now=self.now)

    @rule(more=st.integers(-3, 3))
    def change_quantity(self, more):
        wanted = max(1, self.quantity + more)
        done = self.tried(lambda: self.edit({"quantity": wanted}))
        if self.state == "DRAFT":
            assert isinstance(done, CouponBatch)
            self.quantity = wanted
        elif self.state not in ("REVIEW", "ACTIVE", "PAUSED"):
            assert isinstance(done, editing.BatchFixed)
        elif wanted < self.quantity:
            assert isinstance(done, InvalidInput)
        else:
            self.quantity = wanted

    @rule(hours=st.integers(-40, 40))
    def move_the_end(self, hours):
        wanted = self.claims_until + timedelta(hours=hours)
        done = self.tried(lambda: self.edit({"claim_until": wanted}))
        is_allowed = BEGAN < wanted <= BEGAN + timedelta(days=6)
        if self.state == "DRAFT":
            assert isinstance(done, CouponBatch) == is_allowed
        elif self.state not in ("REVIEW", "ACTIVE", "PAUSED"):
            assert isinstance(done, editing.BatchFixed)
        else:
            is_allowed = is_allowed and hours >= 0
            assert isinstance(done, CouponBatch) == is_allowed
        if isinstance(done, CouponBatch):
            self.claims_until = wanted

    @rule()
    def rename(self):
        done = self.tried(lambda: self.edit({"name": "其他名字"}))
        assert isinstance(done, editing.BatchFixed) == (self.state != "DRAFT")

    @rule()
    def claim(self):
        done = self.tried(lambda: claims.claim(self.user.pk, self.batch.reference, self.now))
        is_open = self.state == "ACTIVE" and self.now < self.claims_until
        if is_open and self.claimed < min(self.quantity, 50):
            assert isinstance(done, UserCoupon)
            self.claimed += 1
        else:
            assert isinstance(done, DomainError)
            is_paused = self.state == "PAUSED" and self.now < self.claims_until
            assert isinstance(done, claims.CouponPaused) == is_paused

    @rule()
    def sweep(self):
        gone = 0
        if self.voided:
            gone = UserCoupon.objects.filter(state="UNUSED").count()
        assert voiding.void_due(self.now) == gone

    @invariant()
    def the_notebook_agrees(self):
        if not hasattr(self, "state"):
            return
        row = CouponBatch.objects.get(pk=self.batch.pk)
        assert (row.state, row.claim_until, row.voided_at is not None) == (
            *(self.state, self.claims_until, self.voided),
        )
        assert UserCoupon.objects.count() == self.claimed
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert not broken, broken


# --- The making of codes --------------------------------------------------------------------------


class CodeRunLife(Walk):
    """Codes are made in pieces, stopped, gone on with, extended and claimed."""

    @initialize()
    def draft(self):
        self.batch = a_batch(by_code=True, quantity=7, per_user_limit=100)
        self.state, self.wanted, self.written, self.quantity = None, 0, 0, 7
        self.user, self.claimed = a_user(), 0

    @rule()
    def start(self):
        run = self.tried(lambda: codes.start(self.batch.reference, actor=SYSTEM, now=self.now))
        if self.state is None:
            self.state, self.wanted = "WRITING", self.quantity
        elif self.wanted < self.quantity:
            self.wanted = self.quantity
            if self.state == "WRITTEN":
                self.state = "WRITING"
        assert (run.state, run.wanted) == (self.state, self.wanted)

    @rule(action=st.sampled_from(sorted({action for _, action in CODE_RUN_LIFE.transitions})))
    def decide(self, action):
        if action in ("finish", "extend"):
            # These follow from what is written and what is wanted; nobody asks for them.
            return
        done = self.tried(
            lambda: codes.decide(self.batch.reference, action, actor=SYSTEM, now=self.now)
        )
        target = self.state and CODE_RUN_LIFE.next_of(self.state, action)
        if target is None:
            assert isinstance(done, DomainError)
        else:
            assert done.state == target
            self.state = target

    @rule(piece=st.integers(1, 4))
    def write(self, piece):
        made = codes.write_some(self.now, limit=piece)
        if self.state != "WRITING":
            assert made is None
            return
        assert made == min(piece, self.wanted - self.written)
        self.written += made
        if self.written == self.wanted:
            self.state = "WRITTEN"

    @rule(more=st.integers(1, 3))
    def grow(self, more):
        self.quantity += more
        with transaction.atomic():
            editing.edit(
                self.batch.reference, {"quantity": self.quantity}, actor=SYSTEM, now=self.now
            )

    @rule(number=st.integers(0, 12))
    def claim(self, number):
        rows = CodeRun.objects.filter(batch=self.batch)
        if not rows.exists():
            return
        code = codes.codes.code_of(codes.secret_of(rows.get()), number)
        is_taken = UserCoupon.objects.filter(code__number=number).exists()
        done = self.tried(
            lambda: claims.claim_by_code(self.user.pk, code, origin=claims.Origin(), now=self.now)
        )
        if number < self.written and not is_taken:
            assert isinstance(done, UserCoupon)
        else:
            assert isinstance(done, claims.CodeRefused)

    @invariant()
    def the_notebook_agrees(self):
        if getattr(self, "state", None) is None:
            return
        run = CodeRun.objects.get()
        assert (run.state, run.wanted, run.written) == (self.state, self.wanted, self.written)
        numbers = CouponCode.objects.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [*range(self.written)]


SEEN_ONCE = {"derandomize": True, "phases": [Phase.generate], "stateful_step_count": 30, **PACE}


@pytest.mark.django_db
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("life", "examples"), [(CouponLife, 15), (BatchLife, 12), (CodeRunLife, 12)]
)
def test_what_the_table_allows_happens_and_everything_else_changes_nothing(life, examples):
    walk(life, examples=examples, steps=30)


def a_campaign_begins():
    life = CouponLife()
    life.open_the_campaign()

    def do(die):
        """Order with a coupon, and do anything to an order or a coupon that there is."""
        key = die.choice(list(life.owned))
        life.order(key)
        if life.ordered:
            order = die.choice(list(life.ordered))
            deeds = [life.cancel, life.ship, life.refund]
            deeds += [lambda order: life.pay(order, die.randrange(1, LITTLE_FEN))] * 3
            die.choice(deeds)(order)
        if die.random() < 0.2:
            life.void(die.choice(list(life.owned)))

    return life, [
        lambda die: life.claim(die.randrange(2), die.randrange(3)),
        lambda die: life.owned and do(die),
        lambda die: life.owned and do(die),
        lambda die: life.wait(die.randrange(1, 12)),
        lambda die: die.random() < 0.3 and life.sweep(),
        lambda die: life.the_notebook_agrees(),
        lambda die: life.every_promise_holds(),
    ]


def codes_begin():
    life = CodeRunLife()
    life.draft()

    def want(die):
        life.decide("stop")
        life.decide("stop")
        life.write(1)
        life.decide("resume")
        life.decide("resume")

    return life, [
        lambda die: life.start(),
        want,
        lambda die: life.write(die.randrange(1, 5)),
        lambda die: die.random() < 0.3 and life.grow(1),
        lambda die: life.claim(die.randrange(12)),
        lambda die: life.the_notebook_agrees(),
    ]


@pytest.mark.django_db
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("machine", "begin"),
    [
        (COUPON_LIFE, a_campaign_begins),
        (CODE_RUN_LIFE, codes_begin),
    ],
    ids=["coupon", "codes"],
)
def test_a_tour_sees_the_whole_table_and_in_every_state_what_cannot_be(machine, begin):
    assert tour(lines_of(machine), begin) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "action"), BATCH_LIFE.transitions)
def test_each_line_of_the_table_of_batches_and_in_each_state_what_cannot_be(state, action):
    life = BatchLife()
    life.draft()
    # What was closed may still be voided; what was voided may not.
    for step in way_to(BATCH_LIFE, "DRAFT", state, but_not=["void"]):
        life.decide(step)
    for other in deciding.STAFF_ACTIONS:
        if BATCH_LIFE.next_of(state, other) is None:
            life.decide(other)

    life.change_quantity(1) if action == "edit" else life.decide(action)

    life.the_notebook_agrees()
    assert ("coupon_batch", state, action) in seen()
    life.teardown()


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_canary_a_void_coupon_whose_money_stays_away_is_noticed(monkeypatch):
    monkeypatch.setattr(voiding.drawing, "release_amounts", lambda amounts: None)

    with noticed():
        run_state_machine_as_test(CouponLife, settings=settings(max_examples=60, **SEEN_ONCE))


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_canary_a_batch_that_is_approved_twice_is_noticed(monkeypatch):
    careless = {
        **BATCH_LIFE.transitions,
        ("ACTIVE", "approve"): "ACTIVE",
        ("PAUSED", "approve"): "ACTIVE",
    }
    monkeypatch.setattr(deciding, "BATCH_LIFE", Machine(BATCH_LIFE.subject, careless))
    life = BatchLife()
    life.draft()
    for action in ("submit", "approve"):
        life.try_to(action)

    with noticed():
        life.try_to("approve")
    life.teardown()


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_canary_codes_that_are_made_although_stopped_are_noticed(monkeypatch):
    monkeypatch.setattr(codes, "CodeRunState", SimpleNamespace(WRITING="STOPPED"))

    with noticed():
        run_state_machine_as_test(CodeRunLife, settings=settings(max_examples=60, **SEEN_ONCE))
