"""Many draw on one quota at the same instant, and nobody overdraws it."""

import threading
from functools import partial

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core import reconciling
from core.errors import Busy
from core.quotas.models import Kind, QuotaHold, QuotaShard
from core.quotas.selectors import availability
from core.quotas.selectors.availability import Figures
from core.quotas.services import drawing, opening, shards, statements
from core.quotas.services.drawing import Demand, Exhausted
from core.transactions import entry
from tests.support.meeting import Meeting, until_somebody_waits
from tests.support.slow_locks import draw_one_by_one, lock_slowly

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

PROMISES = [
    "quotas.holds_explain_held",
    "quotas.spent_is_explained",
    "quotas.shards_are_numbered",
    "quotas.holds_stand_on_their_quota",
]
GUARD = "AND held + spent + %(amount)s <= total"
LOCK = "FOR NO KEY UPDATE OF shard, hold"


@entry
def hold(owner, *demands):
    drawing.hold(demands, owner=owner)


@entry
def take(quota_id, amount=1):
    drawing.take(quota_id, amount)


def open_quota(total, parts=1, kind=Kind.STOCK):
    with transaction.atomic():
        return opening.open_quota(kind, total=total, shards=parts)


def figures(quota_id):
    return availability.figures([quota_id])[quota_id]


def kinds_of(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def assert_promises_hold():
    assert [result.name for result in reconciling.run(PROMISES) if not result.is_held] == []


@pytest.mark.parametrize("parts", [1, 16])
def test_the_last_unit_goes_to_exactly_one(at_once, parts):
    quota_id = open_quota(total=1, parts=parts)

    outcomes = at_once(*(partial(hold, f"order:{n}", Demand(quota_id, 1)) for n in range(8)))

    assert kinds_of(outcomes) == ["Exhausted"] * 7 + ["NoneType"]
    assert figures(quota_id) == Figures(total=1, held=1, spent=0)
    assert_promises_hold()


@pytest.mark.parametrize("parts", [1, 16])
def test_a_crowd_takes_exactly_what_there_is(at_once, parts):
    quota_id = open_quota(total=20, parts=parts)

    outcomes = at_once(
        *(partial(hold, f"order:{n}", Demand(quota_id, 1 + n % 3)) for n in range(12)),
        *(partial(hold, f"order:{n}", Demand(quota_id, 2)) for n in range(12, 16)),
    )

    given = 20 - figures(quota_id).free
    asked = [1 + n % 3 for n in range(12)] + [2] * 4
    served = [want for want, was in zip(asked, outcomes, strict=True) if was is None]
    assert sum(served) == given <= 20
    # Nobody was refused who could have been served when all was over.
    refused = [want for want, was in zip(asked, outcomes, strict=True) if was is not None]
    assert all(isinstance(was, Exhausted | type(None)) for was in outcomes)
    assert not refused or min(refused) > figures(quota_id).free
    assert_promises_hold()


def test_the_last_fen_of_a_budget_is_never_promised_twice(at_once):
    budget_id = open_quota(total=10_000, kind=Kind.BUDGET)

    outcomes = at_once(*(partial(hold, f"coupon:{n}", Demand(budget_id, 2_999)) for n in range(8)))

    assert kinds_of(outcomes) == ["Exhausted"] * 5 + ["NoneType"] * 3
    assert figures(budget_id) == Figures(total=10_000, held=8_997, spent=0)


def test_bare_takes_of_the_last_pieces_go_to_exactly_as_many(at_once):
    quota_id = open_quota(total=3, parts=16, kind=Kind.BATCH)

    outcomes = at_once(*(partial(take, quota_id) for _ in range(8)))

    assert kinds_of(outcomes) == ["Exhausted"] * 5 + ["NoneType"] * 3
    assert figures(quota_id) == Figures(total=3, held=0, spent=3)


def test_canary_without_the_guard_the_last_unit_is_only_saved_by_the_net(at_once, monkeypatch):
    assert GUARD in statements.HOLD
    monkeypatch.setattr(statements, "HOLD", statements.HOLD.replace(GUARD, ""))
    quota_id = open_quota(total=1)

    outcomes = at_once(*(partial(hold, f"order:{n}", Demand(quota_id, 1)) for n in range(8)))

    assert kinds_of(outcomes) == ["IntegrityError"] * 7 + ["NoneType"]


def test_canary_without_the_locks_the_last_pieces_are_promised_twice(at_once, monkeypatch):
    quota_id = open_quota(total=32, parts=16)
    both_have_read = Meeting(2)

    def only_read(quota_id):
        with connection.cursor() as cursor:
            cursor.execute(statements.LOCK.replace("FOR NO KEY UPDATE", ""), [quota_id])
            locked = [shards.Shard(*row) for row in cursor.fetchall()]
        both_have_read.come()
        return locked

    monkeypatch.setattr(shards, "lock", only_read)
    # More than any one shard has: both must draw on several.
    outcomes = at_once(*(partial(hold, f"order:{n}", Demand(quota_id, 20)) for n in range(2)))

    assert kinds_of(outcomes) == ["IntegrityError", "NoneType"]


def test_owners_who_release_at_once_free_exactly_what_they_held(at_once):
    quota_id = open_quota(total=100, parts=4)
    for n in range(8):
        hold(f"order:{n}", Demand(quota_id, 10))

    outcomes = at_once(*(partial(entry(drawing.release), owner=f"order:{n % 4}") for n in range(8)))

    freed = sum(sum(outcome.values()) for outcome in outcomes)
    assert freed == 40
    assert figures(quota_id) == Figures(total=100, held=40, spent=0)
    assert_promises_hold()


def release_twice_overlapping(at_once, owner):
    released = threading.Event()

    def first():
        with transaction.atomic():
            moved = drawing.release(owner=owner)
            released.set()
            until_somebody_waits()
        return moved

    def second():
        assert released.wait(timeout=20)
        with transaction.atomic():
            return drawing.release(owner=owner)

    return at_once(first, second)


def test_one_owner_released_twice_at_the_same_instant_is_released_once(at_once):
    quota_id = open_quota(total=10)
    hold("order:a", Demand(quota_id, 4))

    outcomes = release_twice_overlapping(at_once, "order:a")

    assert outcomes == [{quota_id: 4}, {}]
    assert figures(quota_id) == Figures(total=10, held=0, spent=0)
    assert_promises_hold()


def test_canary_without_the_locks_one_owner_is_released_twice(at_once, monkeypatch):
    assert LOCK in statements.MOVE
    monkeypatch.setattr(statements, "MOVE", statements.MOVE.replace(LOCK, ""))
    quota_id = open_quota(total=10)
    hold("order:a", Demand(quota_id, 4))

    outcomes = release_twice_overlapping(at_once, "order:a")

    assert outcomes[0] == {quota_id: 4}
    assert isinstance(outcomes[1], IntegrityError)


def test_one_owner_who_holds_twice_at_once_holds_once(at_once):
    quota_id = open_quota(total=100, parts=4)

    outcomes = at_once(*(partial(hold, "order:a", Demand(quota_id, 3)) for _ in range(6)))

    assert all(outcome is None or isinstance(outcome, Busy) for outcome in outcomes)
    assert None in outcomes
    assert figures(quota_id) == Figures(total=100, held=3, spent=0)
    assert QuotaHold.objects.count() == 1


def hold_one_by_one_in_opposite_order(at_once, monkeypatch):
    """Let two carts hold the same two quotas, each pausing after its first one."""
    draw_one_by_one(monkeypatch)
    quotas = [open_quota(total=10), open_quota(total=10)]
    monkeypatch.setattr(drawing, "_hold_one", Meeting(2).after(drawing._hold_one))
    return hold_in_opposite_order(at_once, quotas)


def hold_in_opposite_order(at_once, quotas):
    def cart(owner, quota_ids):
        with transaction.atomic():
            drawing.hold([Demand(quota_id, 1) for quota_id in quota_ids], owner=owner)

    outcomes = at_once(
        partial(cart, "order:a", quotas), partial(cart, "order:b", list(reversed(quotas)))
    )
    return outcomes, [figures(quota_id).held for quota_id in quotas]


def test_two_carts_in_opposite_order_queue_up_instead_of_deadlocking(at_once, monkeypatch):
    lock_slowly(monkeypatch, in_lock_order=True)

    outcomes, held = hold_in_opposite_order(at_once, [open_quota(total=10), open_quota(total=10)])

    assert outcomes == [None, None]
    assert held == [2, 2]


def test_canary_two_carts_that_lock_as_they_ask_deadlock(at_once, monkeypatch):
    lock_slowly(monkeypatch, in_lock_order=False)

    outcomes, held = hold_in_opposite_order(at_once, [open_quota(total=10), open_quota(total=10)])

    assert kinds_of(outcomes) == ["NoneType", "OperationalError"]
    assert held == [1, 1]


@pytest.mark.parametrize("total", [1, 2])
def test_of_carts_that_want_the_last_of_two_things_as_many_get_both(at_once, monkeypatch, total):
    """All pass the look at the snapshot; those who waited are judged by what they then find."""
    lock_slowly(monkeypatch, in_lock_order=True, carts=4)
    quotas = [open_quota(total=9), open_quota(total=total)]

    outcomes = at_once(
        *(
            partial(hold, f"order:{n}", *(Demand(quota_id, 1) for quota_id in quotas))
            for n in range(4)
        )
    )

    assert kinds_of(outcomes) == ["Exhausted"] * (4 - total) + ["NoneType"] * total
    assert [figures(quota_id).held for quota_id in quotas] == [total, total]
    assert_promises_hold()


def test_canary_unjudged_after_the_wait_the_last_is_only_saved_by_the_net(at_once, monkeypatch):
    lock_slowly(monkeypatch, in_lock_order=True, carts=4)
    judged = "(SELECT bool_and(is_there) FROM locked)"
    assert judged in statements.HOLD_TOGETHER
    monkeypatch.setattr(
        statements, "HOLD_TOGETHER", statements.HOLD_TOGETHER.replace(judged, "true")
    )
    quotas = [open_quota(total=9), open_quota(total=1)]

    outcomes = at_once(
        *(
            partial(hold, f"order:{n}", *(Demand(quota_id, 1) for quota_id in quotas))
            for n in range(4)
        )
    )

    assert kinds_of(outcomes) == ["IntegrityError"] * 3 + ["NoneType"]


def test_two_carts_drawn_one_by_one_queue_up_as_well(at_once, monkeypatch):
    outcomes, held = hold_one_by_one_in_opposite_order(at_once, monkeypatch)

    assert outcomes == [None, None]
    assert held == [2, 2]


def test_canary_without_the_lock_order_two_carts_deadlock(at_once, monkeypatch):
    monkeypatch.setattr(drawing, "_in_lock_order", list)

    outcomes, held = hold_one_by_one_in_opposite_order(at_once, monkeypatch)

    assert kinds_of(outcomes) == ["NoneType", "OperationalError"]
    failure = next(outcome for outcome in outcomes if isinstance(outcome, OperationalError))
    assert failure.__cause__.sqlstate == "40P01"
    assert held == [1, 1]


def test_carts_and_releases_over_the_same_quotas_never_deadlock(at_once):
    quotas = [open_quota(total=40, parts=parts) for parts in (1, 4, 16)]
    quotas.append(open_quota(total=40, kind=Kind.BUDGET))

    def cart(n):
        with transaction.atomic():
            turned = quotas[n % 4 :] + quotas[: n % 4]
            drawing.hold([Demand(quota_id, 3) for quota_id in turned], owner=f"order:{n}")
        with transaction.atomic():
            drawing.spend(owner=f"order:{n}", amounts=dict.fromkeys(quotas, 2))
        with transaction.atomic():
            drawing.release_many([f"order:{m}" for m in range(n, n + 3)])

    outcomes = at_once(*(partial(cart, n) for n in range(12)))

    assert outcomes == [None] * 12
    # A neighbour may have been released before it could spend; then it spent nothing anywhere.
    (ended,) = {figures(quota_id) for quota_id in quotas}
    assert ended.held == 0
    assert 2 <= ended.spent <= 24
    assert_promises_hold()


def draw_the_own_shard_empty_while_waiting(at_once, left_elsewhere):
    """Let one owner wait for its shard's row while another draws that shard empty."""
    quota_id = open_quota(total=16, parts=16)
    owners = [f"order:{n}" for n in range(999) if shards_of(f"order:{n}", 16) == 5][:2]
    if not left_elsewhere:
        with transaction.atomic():
            rest = QuotaShard.objects.filter(quota_id=quota_id).exclude(number=5)
            rest.update(total=0)
    drawn = threading.Event()

    def first():
        with transaction.atomic():
            drawing.hold([Demand(quota_id, 1)], owner=owners[0])
            drawn.set()
            until_somebody_waits()

    def second():
        assert drawn.wait(timeout=20)
        hold(owners[1], Demand(quota_id, 1))

    return at_once(first, second), quota_id


def shards_of(owner, parts):
    return drawing.crc32(owner.encode()) % parts


def test_whoever_waited_in_vain_is_served_from_another_shard(at_once):
    outcomes, quota_id = draw_the_own_shard_empty_while_waiting(at_once, left_elsewhere=True)

    assert outcomes == [None, None]
    assert figures(quota_id) == Figures(total=16, held=2, spent=0)
    assert_promises_hold()


def test_whoever_waited_in_vain_for_the_last_one_is_refused(at_once):
    outcomes, _ = draw_the_own_shard_empty_while_waiting(at_once, left_elsewhere=False)

    assert kinds_of(outcomes) == ["Exhausted", "NoneType"]


def test_nobody_waits_for_further_shards_while_one_stays_locked(at_once, monkeypatch):
    """Where the others are busy, the whole entry is repeated from a fresh look."""
    found, waited = [], []
    lock, look = shards.lock, shards.look
    monkeypatch.setattr(
        statements, "HOLD_ELSEWHERE", statements.HOLD_ELSEWHERE.replace("LIMIT 1", "LIMIT 0")
    )
    nobody = statements.LOCK.replace("ORDER BY", "AND false ORDER BY")
    monkeypatch.setattr(statements, "LOCK_WITHOUT_WAITING", nobody)

    def looking(quota_id):
        found.append(look(quota_id))
        return found[-1]

    def locking(quota_id):
        waited.append(found[-1].is_locked)
        return lock(quota_id)

    monkeypatch.setattr(shards, "look", looking)
    monkeypatch.setattr(shards, "lock", locking)

    outcomes, quota_id = draw_the_own_shard_empty_while_waiting(at_once, left_elsewhere=True)

    assert outcomes == [None, None]
    assert [seen.is_locked for seen in found] == [True, False]
    assert waited == [False]
    assert figures(quota_id).held == 2


def hold_budgets_together(at_once, first_total, second_total):
    quotas = [open_quota(total, kind=Kind.BUDGET) for total in (first_total, second_total)]

    def holding(n):
        # Named in both orders: they are locked in one.
        turned = quotas if n % 2 else quotas[::-1]
        hold(f"coupon:{n}", *(Demand(quota_id, 3, Kind.BUDGET) for quota_id in turned))

    return at_once(*(partial(holding, n) for n in range(8))), quotas


@pytest.mark.parametrize("totals", [(9, 90), (90, 9), (9, 9)])
def test_two_budgets_are_held_together_or_not_at_all(at_once, totals):
    outcomes, quotas = hold_budgets_together(at_once, *totals)

    assert kinds_of(outcomes) == ["Exhausted"] * 5 + ["NoneType"] * 3
    assert [figures(quota_id).held for quota_id in quotas] == [9, 9]
    assert_promises_hold()
