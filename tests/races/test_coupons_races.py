"""A crowd at the last coupon, the last fen and the same coupon; each race with its canary."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection, transaction

from core.audit.actors import SYSTEM, Actor
from core.audit.models import StateLog
from core.outbox.models import Message
from core.quotas.models import Quota
from core.quotas.selectors import availability
from core.states import Machine
from core.transactions import entry
from marketplace.abuse.domain.marks import Origin
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.domain.states import BATCH_LIFE, COUPON_LIFE
from marketplace.coupons.models import (
    BudgetDay,
    ClaimCount,
    CodeRun,
    CouponBatch,
    CouponCode,
    PurchaseCount,
    UserCoupon,
)
from marketplace.coupons.selectors import codes as printed
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import (
    approving,
    budgets,
    claims,
    codes,
    days,
    deciding,
    editing,
    expiring,
    newcomers,
    redemption,
    voiding,
)
from marketplace.coupons.services.uses import Use
from tests.factories import abuse
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget, a_coupon, decided
from tests.support.meeting import Meeting, until_set

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
    monkeypatch.setattr(days, "LARGE_FEN", 1)
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
        use = Use(coupon.reference, uuid4(), "PLATFORM", 2_000)
        redemption.redeem(order, [use], now=now)

    outcomes = at_once(
        partial(entry(redemption.give_back), order, now=now),
        partial(entry(redemption.release_spare), order, now=now),
    )

    state = UserCoupon.objects.get(pk=coupon.pk).state
    held = {"UNUSED": (3_000, 0), "USED": (0, 2_000)}[state]
    assert figures(budget.quota_id)[1:] == held
    assert (outcomes[0] == {}) == (state == "USED")


def at_use_orders(now):
    """Four people whose coupons the budget covers once, each about to order."""
    budget = a_budget(total_fen=5_999)
    batch = a_batch(
        commit_mode="AT_USE", funding=(WantedFunding("PLATFORM", 10_000, budget.reference),)
    )
    coupons = [a_coupon(a_user(), batch, now) for _ in range(4)]

    @entry
    def ordering(coupon):
        order = uuid4()
        redemption.lock([coupon.reference], user_id=coupon.user_id, order_reference=order, now=now)
        terms = [one.terms for one in wallet.terms_of(coupon.user_id, [coupon.reference], now)]
        redemption.set_aside(terms, order_reference=order, now=now)
        return "ordered"

    return budget, [partial(ordering, coupon) for coupon in coupons]


def test_the_last_fen_set_aside_at_the_use_goes_to_exactly_one_order(at_once, now):
    budget, orders = at_use_orders(now)

    outcomes = at_once(*orders)

    assert kinds(outcomes) == {"str": 1, "BudgetExhausted": 3}
    assert figures(budget.quota_id) == (5_999, 3_000, 0)
    assert UserCoupon.objects.filter(state="LOCKED").count() == 1


def test_canary_without_the_hold_every_order_is_promised_the_last_fen(at_once, now, monkeypatch):
    monkeypatch.setattr(redemption.drawing, "hold", lambda demands, owner: None)
    _, orders = at_use_orders(now)

    assert kinds(at_once(*orders)) == {"str": 4}


def a_capped_batch(total_fen=60_000, cap_fen=8_999):
    budget = a_budget(total_fen, daily_cap_fen=cap_fen)
    return budget, a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))


def test_a_crowd_never_takes_more_of_a_budget_than_its_day_may_commit(at_once, now):
    budget, batch = a_capped_batch()

    outcomes = at_once(*crowd(batch, now))

    assert kinds(outcomes) == {"UserCoupon": 2, "BudgetExhausted": CROWD - 2}
    assert {outcome.facts["limit"] for outcome in outcomes if isinstance(outcome, Exception)} == {
        "DAY"
    }
    assert figures(budget.quota_id) == (60_000, 6_000, 0)
    # Everybody needed the day that nobody had opened; it was opened once.
    day = BudgetDay.objects.get()
    assert figures(day.quota_id) == (8_999, 6_000, 0)
    assert Quota.objects.filter(kind="BUDGET").count() == 2


def test_canary_without_the_day_a_crowd_takes_all_of_a_budget_at_once(at_once, now, monkeypatch):
    monkeypatch.setattr(days, "quota_of", lambda budget_id, day: None)
    _, batch = a_capped_batch()

    assert kinds(at_once(*crowd(batch, now))) == {"UserCoupon": CROWD}


def test_canary_without_the_lock_two_people_open_the_same_day(at_once, now, monkeypatch):
    budget, _ = a_capped_batch()
    together = Meeting(2).before(days.opening.open_many)
    monkeypatch.setattr(days.opening, "open_many", together)
    monkeypatch.setattr(
        days.CouponBudget.objects.__class__, "select_for_update", lambda self, **_: self.all()
    )

    outcomes = at_once(*[partial(entry(days.quota_of), budget.pk, now.date())] * 2)

    assert kinds(outcomes) == {"int": 1, "IntegrityError": 1}


def test_raising_a_cap_while_the_day_is_opened_lets_the_day_have_the_new_one(at_once, now):
    budget, batch = a_capped_batch()

    outcomes = at_once(
        *crowd(batch, now)[:3],
        partial(entry(budgets.grow), budget.reference, {"daily_cap_fen": 30_000}, now=now),
    )

    assert kinds(outcomes[3:]) == {"CouponBudget": 1}
    day = BudgetDay.objects.get()
    assert figures(day.quota_id)[0] == 30_000
    assert figures(day.quota_id)[1] == figures(budget.quota_id)[1]


def two_first_orders(at_once, now):
    """Let one newcomer lock two coupons for new users, for two orders at the same instant."""
    user = a_user()
    coupons = [a_coupon(user, a_batch(kind="NEW_USER", threshold_fen=None), now) for _ in range(2)]
    return at_once(*[partial(lock, [coupon], uuid4(), now) for coupon in coupons])


def test_two_parallel_first_orders_use_one_coupon_for_new_users(at_once, now):
    outcomes = two_first_orders(at_once, now)

    assert kinds(outcomes) == {"str": 1, "NotANewUser": 1}
    assert sorted(UserCoupon.objects.values_list("state", flat=True)) == ["LOCKED", "UNUSED"]


def test_canary_without_the_constraint_a_newcomer_is_new_twice(at_once, now):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX coupons_usercoupon_one_first_order")
    try:
        assert kinds(two_first_orders(at_once, now)) == {"str": 2}
    finally:
        UserCoupon.objects.update(is_for_newcomers=False)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX coupons_usercoupon_one_first_order"
                " ON coupons_usercoupon (user_id)"
                " WHERE is_for_newcomers AND state IN ('LOCKED', 'USED')"
            )


def test_payments_of_one_buyer_at_once_are_all_counted(at_once, now):
    user = a_user()

    at_once(*[partial(entry(newcomers.count_purchase), user.pk)] * CROWD)

    assert PurchaseCount.objects.get().orders == CROWD


def one_code_for_many(at_once, now):
    batch = a_batch(by_code=True, quantity=3)
    with transaction.atomic():
        codes.start(batch.reference, actor=SYSTEM, now=now)
    codes.write_due(now)
    code = next(printed.printed(printed.run_of(batch.reference))).code.replace("-", "")
    claiming = entry(claims.claim_by_code)
    calls = [partial(claiming, a_user().pk, code, origin=Origin(), now=now) for _ in range(CROWD)]
    return batch, at_once(*calls)


def test_one_code_gives_one_of_many_people_a_coupon(at_once, now):
    batch, outcomes = one_code_for_many(at_once, now)

    assert kinds(outcomes) == {"UserCoupon": 1, "CodeRefused": CROWD - 1}
    assert figures(batch.quota_id) == (3, 0, 1)
    assert ClaimCount.objects.count() == 1


def test_canary_without_the_constraint_one_code_gives_many_a_coupon(at_once, now, monkeypatch):
    # Nobody has committed when the last one looks.
    monkeypatch.setattr(claims, "_write", Meeting(CROWD).after(claims._write))
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX coupons_usercoupon_code_gives_one")
    try:
        _, outcomes = one_code_for_many(at_once, now)
    finally:
        UserCoupon.objects.update(code=None)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX coupons_usercoupon_code_gives_one"
                " ON coupons_usercoupon (code_id) WHERE code_id IS NOT NULL"
            )

    assert kinds(outcomes) == {"UserCoupon": 3, "CouponSoldOut": CROWD - 3}


def test_workers_at_once_make_each_code_once(at_once, now):
    batch = a_batch(by_code=True, quantity=95)
    with transaction.atomic():
        codes.start(batch.reference, actor=SYSTEM, now=now)

    def work():
        made = [codes.write_some(now, limit=10) for _ in range(6)]
        return sum(piece or 0 for piece in made)

    outcomes = at_once(*[work] * 4)
    codes.write_due(now)

    assert sum(outcomes) <= 95
    assert sorted(CouponCode.objects.values_list("number", flat=True)) == [*range(95)]
    assert CodeRun.objects.get().state == "WRITTEN"


def test_people_who_ask_for_the_same_codes_at_once_start_one_run(at_once, now):
    batch = a_batch(by_code=True, quantity=5)

    outcomes = at_once(
        *[partial(entry(codes.start), batch.reference, actor=SYSTEM, now=now)] * CROWD
    )

    assert kinds(outcomes) == {"CodeRun": CROWD}
    assert CodeRun.objects.count() == 1


def void_at_once(coupon, now):
    return partial(entry(voiding.void), coupon.reference, reason="fraud", actor=SYSTEM, now=now)


def test_a_coupon_voided_and_locked_at_once_is_either(at_once, now):
    budget = a_budget()
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))
    coupons = [a_coupon(a_user(), batch, now) for _ in range(4)]

    outcomes = at_once(
        *[void_at_once(coupon, now) for coupon in coupons],
        *[partial(lock, [coupon], uuid4(), now) for coupon in coupons],
    )

    assert kinds(outcomes[:4]) == {"UserCoupon": 4}
    assert set(kinds(outcomes[4:])) <= {"str", "CouponNotUsable"}
    assert set(UserCoupon.objects.values_list("state", "order_reference")) == {("VOIDED", None)}
    assert figures(budget.quota_id) == (10_000_000, 0, 0)
    locked = outcomes[4:].count("locked")
    assert Message.objects.filter(topic="coupons.coupon_voided").count() == locked


def test_a_coupon_voided_twice_and_expired_at_once_frees_its_money_once(at_once, now):
    budget = a_budget()
    batch = a_batch(
        use_until=None,
        days_after_claim=1,
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )
    coupon, other = (a_coupon(a_user(), batch, now) for _ in range(2))

    outcomes = at_once(
        *[void_at_once(coupon, now)] * 4, partial(expiring.expire_due, coupon.valid_until)
    )

    ended = kinds(outcomes)["UserCoupon"] + outcomes[-1]
    assert ended == 2
    assert set(UserCoupon.objects.values_list("state", flat=True)) <= {"VOIDED", "EXPIRED"}
    assert other.pk
    assert figures(budget.quota_id) == (10_000_000, 0, 0)


def redeemed(coupon, order, now):
    @entry
    def paying():
        # As payment does: the order's row stands before this, and is whose lock others wait for.
        if not redemption.is_good_for(order, [coupon.reference]):
            return "sent back"
        use = Use(coupon.reference, uuid4(), "PLATFORM", 2_000)
        redemption.redeem(order, [use], now=now)
        return "paid"

    return paying


def test_a_coupon_voided_and_paid_at_once_is_either_spent_or_void(at_once, now):
    budget = a_budget()
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))
    pairs = [(a_coupon(a_user(), batch, now), uuid4()) for _ in range(4)]
    for coupon, order in pairs:
        lock([coupon], order, now)

    outcomes = at_once(
        *[redeemed(coupon, order, now) for coupon, order in pairs],
        *[void_at_once(coupon, now) for coupon, _ in pairs],
    )

    paid = outcomes.count("paid")
    assert paid + outcomes.count("sent back") == 4
    assert (
        kinds(outcomes[4:])
        == Counter({"IllegalTransition": paid, "UserCoupon": 4 - paid}) - Counter()
    )
    assert figures(budget.quota_id) == (10_000_000, 1_000 * paid, 2_000 * paid)


def void_while_paying(at_once, now, is_good_for):
    """Let a payment look at its coupon, then somebody void it, then the payment go on."""
    budget = a_budget()
    batch = a_batch(funding=(WantedFunding("PLATFORM", 10_000, budget.reference),))
    coupon, order = a_coupon(a_user(), batch, now), uuid4()
    lock([coupon], order, now)
    has_looked = threading.Event()

    @entry
    def paying():
        good = is_good_for(order, [coupon.reference])
        has_looked.set()
        until_set(time_to_void)
        if good:
            use = Use(coupon.reference, uuid4(), "PLATFORM", 2_000)
            redemption.redeem(order, [use], now=now)
        return UserCoupon.objects.get(pk=coupon.pk).state

    time_to_void = threading.Event()

    def voiding_it():
        has_looked.wait(timeout=20)
        outcome = void_at_once(coupon, now)
        try:
            return outcome()
        finally:
            time_to_void.set()

    return at_once(paying, voiding_it)


def test_whoever_voids_waits_for_a_payment_that_has_looked(at_once, now):
    outcomes = void_while_paying(at_once, now, redemption.is_good_for)

    assert outcomes[0] == "USED"
    assert type(outcomes[1]).__name__ == "IllegalTransition"


def test_canary_without_the_look_a_paid_order_finds_its_coupon_void(at_once, now):
    outcomes = void_while_paying(at_once, now, lambda *_: True)

    assert outcomes[0] == "VOIDED"


def a_ring_that_claims(now, size=6):
    """People on one device, and their claims of the next instant."""
    batch = a_batch(per_user_limit=5)
    people = [a_user() for _ in range(size)]
    traces = [abuse.a_trace(person, now=now) for person in people]
    return traces[0].reference, [
        partial(claim, person.pk, batch.reference, now) for person in people
    ]


def void_ring(trace, now):
    return partial(entry(voiding.void_ring), trace, reason="fraud", actor=SYSTEM, now=now)


def test_a_ring_that_claims_while_it_is_voided_keeps_only_what_came_afterwards(at_once, now):
    trace, claiming = a_ring_that_claims(now)

    outcomes = at_once(*claiming, void_ring(trace, now))

    assert kinds(outcomes[:-1]) == {"UserCoupon": 6}
    done = outcomes[-1]
    states = Counter(UserCoupon.objects.values_list("state", flat=True))
    assert states["VOIDED"] == len(done.coupons)
    assert states["VOIDED"] + states["UNUSED"] == 6


def claim_in_the_middle_of_voiding(at_once, now):
    """Let a claim be written and not yet committed when the ring of its person is voided."""
    trace, claiming = a_ring_that_claims(now, size=1)
    is_written, is_voided = threading.Event(), threading.Event()
    take = claims.drawing.take

    def slowly(*args):
        is_written.set()
        until_set(is_voided)
        return take(*args)

    def voiding_them():
        is_written.wait(timeout=20)
        try:
            return void_ring(trace, now)()
        finally:
            is_voided.set()

    return slowly, lambda: at_once(*claiming, voiding_them)


def test_a_claim_that_is_under_way_when_its_ring_is_voided_is_voided(at_once, now, monkeypatch):
    slowly, run = claim_in_the_middle_of_voiding(at_once, now)
    monkeypatch.setattr(claims.drawing, "take", slowly)

    outcomes = run()

    assert len(outcomes[1].coupons) == 1
    assert UserCoupon.objects.get().state == "VOIDED"


def test_canary_without_holding_people_still_such_a_claim_survives(at_once, now, monkeypatch):
    slowly, run = claim_in_the_middle_of_voiding(at_once, now)
    monkeypatch.setattr(claims.drawing, "take", slowly)
    monkeypatch.setattr(voiding, "User", SimpleNamespace(objects=UserCoupon.objects.none()))

    outcomes = run()

    assert outcomes[1].coupons == []
    assert UserCoupon.objects.get().state == "UNUSED"


def in_review(author, quantity=1_000):
    """A batch of somebody's that stands in review, worth 100.00 yuan or as many pieces more."""
    batch = a_batch(
        active=False,
        actor=Actor(author.pk),
        kind="DIRECT",
        threshold_fen=None,
        amount_fen=10,
        quantity=quantity,
    )
    return decided(batch, "submit")


def approval(batch, person, now):
    return partial(
        entry(deciding.decide), batch.reference, "approve", actor=Actor(person.pk), now=now
    )


def test_two_officers_at_once_approve_a_large_batch_once(at_once, now, settings):
    settings.MARKETPLACE_FOUR_EYES_FEN = 9_999
    batch = in_review(a_user())

    outcomes = at_once(*[approval(batch, a_user(), now) for _ in range(CROWD)])

    assert kinds(outcomes) == {"CouponBatch": 1, "IllegalTransition": CROWD - 1}
    approved = CouponBatch.objects.get(pk=batch.pk)
    steps = StateLog.objects.filter(subject=BATCH_LIFE.subject, subject_id=batch.pk)
    assert steps.get(action="approve").actor_id == approved.approved_by_id


def test_canary_without_the_state_a_large_batch_is_approved_by_everybody(
    at_once, now, settings, monkeypatch
):
    settings.MARKETPLACE_FOUR_EYES_FEN = 9_999
    careless = Machine(
        BATCH_LIFE.subject, {**BATCH_LIFE.transitions, ("ACTIVE", "approve"): "ACTIVE"}
    )
    monkeypatch.setattr(deciding, "BATCH_LIFE", careless)
    batch = in_review(a_user())

    outcomes = at_once(*[approval(batch, a_user(), now) for _ in range(CROWD)])

    assert kinds(outcomes) == {"CouponBatch": CROWD}


def approved_while_it_grows(at_once, now, settings):
    """Let an author approve their own small batch while they make it a large one."""
    settings.MARKETPLACE_FOUR_EYES_FEN = 10_000
    author = a_user()
    batch = in_review(author)
    growth = partial(
        entry(editing.edit),
        batch.reference,
        {"quantity": 2_000},
        actor=Actor(author.pk),
        now=now,
    )
    outcomes = at_once(approval(batch, author, now), growth)
    return CouponBatch.objects.get(pk=batch.pk), kinds(outcomes)


def test_a_batch_that_grows_while_its_author_approves_it_stays_small_or_unapproved(
    at_once, now, settings
):
    batch, outcome = approved_while_it_grows(at_once, now, settings)

    if batch.state == "ACTIVE":
        assert outcome == {"CouponBatch": 1, "BatchAboveApproved": 1}
        assert figures(batch.quota_id)[0] == 1_000
    else:
        assert outcome == {"SecondOfficerNeeded": 1, "CouponBatch": 1}
        assert figures(batch.quota_id)[0] == 2_000


def test_canary_without_the_lock_an_author_approves_what_they_make_large_meanwhile(
    at_once, now, settings, monkeypatch
):
    both_have_looked = Meeting(2)
    for look in ("judge", "insist_on_approval"):
        monkeypatch.setattr(approving, look, both_have_looked.after(getattr(approving, look)))
    monkeypatch.setattr(
        CouponBatch.objects.__class__, "select_for_update", lambda self, **_: self.all()
    )

    batch, outcome = approved_while_it_grows(at_once, now, settings)

    assert outcome == {"CouponBatch": 2}
    assert (batch.state, batch.needs_second_officer) == ("ACTIVE", False)
    assert figures(batch.quota_id)[0] == 2_000
