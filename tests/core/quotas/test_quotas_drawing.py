"""What the verbs of a quota do, and what they refuse."""

import pytest
from django.db import IntegrityError, connection, transaction

from core.quotas.models import Kind, Quota, QuotaHold, QuotaShard
from core.quotas.selectors import availability
from core.quotas.selectors.availability import Figures
from core.quotas.services import drawing, opening
from core.quotas.services.drawing import Demand
from core.transactions import TransactionMissing

pytestmark = pytest.mark.django_db


def a_quota(total=10, shards=1, kind=Kind.STOCK):
    return opening.open_quota(kind, total=total, shards=shards)


def figures(quota_id):
    return availability.figures([quota_id])[quota_id]


def test_hold_spend_and_release_move_between_free_held_and_spent():
    quota_id = a_quota(total=10)

    drawing.hold([Demand(quota_id, 4)], owner="order:a")
    assert figures(quota_id) == Figures(total=10, held=4, spent=0)
    assert drawing.spend(owner="order:a", amounts={quota_id: 3}) == {quota_id: 3}
    assert figures(quota_id) == Figures(total=10, held=1, spent=3)
    assert drawing.release(owner="order:a") == {quota_id: 1}
    assert figures(quota_id) == Figures(total=10, held=0, spent=3)
    assert drawing.unspend(owner="order:a", amounts={quota_id: 1}) == {quota_id: 1}
    assert figures(quota_id) == Figures(total=10, held=1, spent=2)
    assert drawing.give_back(owner="order:a") == {quota_id: 2}
    assert figures(quota_id) == Figures(total=10, held=1, spent=0)
    hold = QuotaHold.objects.get()
    assert (hold.held, hold.spent, hold.returned) == (1, 0, 3)


@pytest.mark.parametrize("shards", [1, 16])
def test_every_verb_said_twice_is_said_once(shards):
    quota_id = a_quota(total=40, shards=shards)

    for _ in range(2):
        drawing.hold([Demand(quota_id, 25)], owner="order:a")
    assert figures(quota_id).held == 25
    for _ in range(2):
        drawing.spend(owner="order:a", amounts={quota_id: 20})
    assert (figures(quota_id).held, figures(quota_id).spent) == (5, 20)
    assert [drawing.release(owner="order:a") for _ in range(2)] == [{quota_id: 5}, {}]
    assert [drawing.give_back(owner="order:a") for _ in range(2)] == [{quota_id: 20}, {}]
    drawing.hold([Demand(quota_id, 25)], owner="order:a")

    assert figures(quota_id) == Figures(total=40, held=0, spent=0)


def test_exactly_what_is_left_is_given_and_one_more_is_refused_with_figures():
    quota_id = a_quota(total=10)
    drawing.hold([Demand(quota_id, 7)], owner="order:a")

    with pytest.raises(drawing.Exhausted) as refused, transaction.atomic():
        drawing.hold([Demand(quota_id, 4)], owner="order:b")
    drawing.hold([Demand(quota_id, 3)], owner="order:b")

    assert (refused.value.quota_id, refused.value.asked, refused.value.left) == (quota_id, 4, 3)
    assert "quota_id" not in refused.value.facts
    assert figures(quota_id).free == 0


def test_demands_are_held_together_or_not_at_all():
    plenty, scarce = a_quota(total=10), a_quota(total=1)

    with pytest.raises(drawing.Exhausted), transaction.atomic():
        drawing.hold([Demand(plenty, 5), Demand(scarce, 2)], owner="order:a")

    assert figures(plenty).held == figures(scarce).held == 0
    assert not QuotaHold.objects.exists()


def test_two_demands_for_one_quota_count_together_and_none_for_nothing():
    quota_id, untouched = a_quota(total=10), a_quota(total=10)

    drawing.hold([Demand(quota_id, 3), Demand(quota_id, 4), Demand(untouched, 0)], owner="order:a")

    assert figures(quota_id).held == 7
    assert QuotaHold.objects.get().quota_id == quota_id


def test_nobody_releases_the_hold_of_another():
    quota_id = a_quota(total=10)
    drawing.hold([Demand(quota_id, 4)], owner="order:a")
    drawing.hold([Demand(quota_id, 5)], owner="order:b")

    drawing.release(owner="order:a")
    drawing.spend(owner="order:nobody")

    assert figures(quota_id) == Figures(total=10, held=5, spent=0)
    assert QuotaHold.objects.get(owner="order:b").held == 5


def budgets_of(*totals, shards=1):
    return [a_quota(total, shards=shards, kind=Kind.BUDGET) for total in totals]


def demands_on(quota_ids, amount):
    return [Demand(quota_id, amount, Kind.BUDGET) for quota_id in quota_ids]


def test_budgets_are_held_with_one_statement_in_the_order_of_their_ids(queries_of):
    quotas = budgets_of(10, 10, 10)

    assert queries_of(lambda: drawing.hold(demands_on(quotas[::-1], 4), owner="coupon:a")) == 1
    drawing.hold(demands_on(quotas, 4), owner="coupon:a")

    assert [figures(quota_id).held for quota_id in quotas] == [4, 4, 4]


def test_stock_and_budgets_are_held_with_one_statement(queries_of):
    budgets, stock = budgets_of(10, 10), a_quota(10)
    demands = [*demands_on(budgets, 4), Demand(stock, 2, Kind.STOCK)]

    assert queries_of(lambda: drawing.hold(demands, owner="order:a")) == 1

    assert [figures(quota_id).held for quota_id in (*budgets, stock)] == [4, 4, 2]


def test_budgets_that_are_held_partly_are_completed():
    first, second, third = budgets_of(10, 10, 10)
    drawing.hold(demands_on([second], 5), owner="coupon:a")

    drawing.hold(demands_on([first, second, third], 4), owner="coupon:a")

    assert [figures(quota_id).held for quota_id in (first, second, third)] == [4, 5, 4]


@pytest.mark.parametrize("poor", [0, 1, 2])
def test_the_budget_that_has_too_little_is_named(poor):
    quotas = budgets_of(*(3 if place == poor else 10 for place in range(3)))

    with pytest.raises(drawing.Exhausted) as refused, transaction.atomic():
        drawing.hold(demands_on(quotas, 4), owner="coupon:a")

    assert (refused.value.quota_id, refused.value.left) == (quotas[poor], 3)
    assert [figures(quota_id).held for quota_id in quotas] == [0, 0, 0]


def test_budgets_whose_own_shard_is_too_small_are_served_from_others():
    quotas = budgets_of(64, 64, shards=16)

    drawing.hold(demands_on(quotas, 50), owner="coupon:a")

    assert [figures(quota_id) for quota_id in quotas] == [Figures(64, 50, 0)] * 2


def test_what_several_owners_hold_is_spent_at_once_and_only_what_was_wished(queries_of):
    first, second = a_quota(20), a_quota(20)
    for owner in ("order:a", "order:b"):
        drawing.hold([Demand(first, 5), Demand(second, 5)], owner=owner)

    wished = {"order:a": {first: 3}, "order:b": {first: 5, second: 1}}
    assert queries_of(lambda: drawing.spend_many(wished)) == 1
    assert queries_of(lambda: drawing.spend_many({})) == 0

    found = {
        (hold.owner, hold.quota_id): (hold.held, hold.spent) for hold in QuotaHold.objects.all()
    }
    assert found == {
        ("order:a", first): (2, 3),
        ("order:a", second): (5, 0),
        ("order:b", first): (0, 5),
        ("order:b", second): (4, 1),
    }


def test_release_can_be_of_some_quotas_and_of_amounts():
    first, second = a_quota(total=10), a_quota(total=10)
    drawing.hold([Demand(first, 4), Demand(second, 5)], owner="order:a")

    drawing.release(owner="order:a", quota_ids=[first])
    drawing.release(owner="order:a", amounts={second: 2})

    assert figures(first).held == 0
    assert figures(second).held == 3


def test_more_than_is_held_cannot_be_moved():
    quota_id = a_quota(total=10)
    drawing.hold([Demand(quota_id, 4)], owner="order:a")

    with pytest.raises(drawing.HoldTooSmall), transaction.atomic():
        drawing.spend(owner="order:a", amounts={quota_id: 5})

    assert figures(quota_id) == Figures(total=10, held=4, spent=0)


def test_a_demand_larger_than_any_shard_draws_on_all_of_them():
    quota_id = a_quota(total=16, shards=4)

    drawing.hold([Demand(quota_id, 11)], owner="order:a")
    drawing.spend(owner="order:a", amounts={quota_id: 9})

    assert figures(quota_id) == Figures(total=16, held=2, spent=9)
    assert QuotaHold.objects.filter(owner="order:a").count() == 1
    drawing.give_back(owner="order:a")
    drawing.release(owner="order:a")
    assert set(QuotaShard.objects.values_list("held", "spent")) == {(0, 0)}


def test_whoever_finds_its_own_shard_empty_leaves_the_others_level(queries_of):
    quota_id = a_quota(total=160, shards=16)
    drawing.hold([Demand(quota_id, 100)], owner="order:a")

    free = [shard.total - shard.held - shard.spent for shard in QuotaShard.objects.all()]
    assert sorted(free) == [3] * 4 + [4] * 12
    assert queries_of(lambda: drawing.hold([Demand(quota_id, 3)], owner="order:b")) == 1


def test_take_spends_at_once_without_a_hold_and_untake_frees_it():
    quota_id = a_quota(total=8, shards=4)

    drawing.take(quota_id, 5)
    drawing.take(quota_id, 3)
    with pytest.raises(drawing.Exhausted), transaction.atomic():
        drawing.take(quota_id)
    drawing.untake(quota_id, 6)

    assert figures(quota_id) == Figures(total=8, held=0, spent=2)
    with pytest.raises(ValueError, match="more than was taken"):
        drawing.untake(quota_id, 3)


def test_release_many_frees_what_a_crowd_still_holds_with_one_statement(queries_of):
    quota_id, other = a_quota(total=100, shards=4), a_quota(total=100, kind=Kind.BUDGET)
    owners = [f"order:{number}" for number in range(20)]
    for owner in owners:
        drawing.hold([Demand(quota_id, 2), Demand(other, 3)], owner=owner)
    drawing.spend(owner=owners[0])

    statements = queries_of(lambda: drawing.release_many(owners))

    assert statements == 1
    assert figures(quota_id) == Figures(total=100, held=0, spent=2)
    assert figures(other) == Figures(total=100, held=0, spent=3)


def test_shrink_takes_only_what_is_free_and_top_up_adds():
    quota_id = a_quota(total=12, shards=3)
    drawing.hold([Demand(quota_id, 5)], owner="order:a")

    with pytest.raises(drawing.Exhausted), transaction.atomic():
        opening.shrink(quota_id, 8)
    opening.shrink(quota_id, 7)
    assert figures(quota_id) == Figures(total=5, held=5, spent=0)
    opening.top_up(quota_id, 4)
    assert figures(quota_id) == Figures(total=9, held=5, spent=0)


def test_split_spreads_what_is_free_and_leaves_holds_where_they_are():
    quota_id = a_quota(total=33)
    drawing.hold([Demand(quota_id, 1)], owner="order:a")

    opening.split(quota_id, 16)

    free = [shard.total - shard.held - shard.spent for shard in QuotaShard.objects.all()]
    assert free == [2] * 16
    assert Quota.objects.get().shards == 16
    drawing.hold([Demand(quota_id, 1)], owner="order:a")
    drawing.hold([Demand(quota_id, 32)], owner="order:b")
    drawing.release(owner="order:a")
    assert figures(quota_id) == Figures(total=33, held=32, spent=0)


@pytest.mark.parametrize(
    "call",
    [
        lambda quota_id: drawing.hold([Demand(quota_id, -1)], owner="order:a"),
        lambda quota_id: drawing.take(quota_id, 0),
        lambda quota_id: drawing.untake(quota_id, -1),
        lambda quota_id: drawing.spend(owner="order:a", amounts={quota_id: -1}),
        lambda quota_id: opening.top_up(quota_id, -1),
        lambda quota_id: opening.shrink(quota_id, 0),
        lambda quota_id: opening.split(quota_id, 65),
        lambda quota_id: opening.open_quota(Kind.STOCK, total=-1),
    ],
)
def test_amounts_that_make_no_sense_are_refused(call):
    quota_id = a_quota(total=10)

    with pytest.raises(ValueError, match=r"quota|hold|take|negative|top_up|shrink|split"):
        call(quota_id)

    assert figures(quota_id) == Figures(total=10, held=0, spent=0)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE quotas_quotashard SET held = -1", "held_is_never_negative"),
        ("UPDATE quotas_quotashard SET spent = -1", "spent_is_never_negative"),
        ("UPDATE quotas_quotashard SET held = total + 1", "never_overdrawn"),
        ("UPDATE quotas_quotahold SET held = -1", "held_is_never_negative"),
        ("UPDATE quotas_quotahold SET spent = -1", "spent_is_never_negative"),
        ("UPDATE quotas_quotahold SET returned = -1", "returned_is_never_negative"),
        ("UPDATE quotas_quotahold SET held = 0", "is_of_something"),
        ("UPDATE quotas_quota SET rank = 4", "rank_follows_kind"),
        ("UPDATE quotas_quota SET shards = 0", "has_a_shard"),
        (
            "INSERT INTO quotas_quotahold (owner, quota_id, shard_id, held, spent, returned)"
            " SELECT owner, quota_id, shard_id, 1, 0, 0 FROM quotas_quotahold",
            "owner_once_per_quota",
        ),
        (
            "INSERT INTO quotas_quotashard (quota_id, number, total, held, spent)"
            " SELECT quota_id, number, 1, 0, 0 FROM quotas_quotashard",
            "number_once",
        ),
    ],
)
def test_the_database_refuses_what_can_never_be(change, constraint):
    quota_id = a_quota(total=10)
    drawing.hold([Demand(quota_id, 4)], owner="order:a")

    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)

    assert refused.value.__cause__.diag.constraint_name.endswith(constraint)


def test_every_verb_costs_one_statement_however_many_quotas_it_is_about(queries_of):
    first, second, third = (a_quota(total=100, shards=16) for _ in range(3))
    demands = [Demand(quota_id, 1, Kind.STOCK) for quota_id in (first, second, third)]

    assert queries_of(lambda: drawing.hold(demands, owner="order:a")) == 1
    # Said again, each is looked at by itself.
    assert queries_of(lambda: drawing.hold(demands, owner="order:a")) == 4
    assert availability.left([first, second, third]) == dict.fromkeys((first, second, third), 99)
    assert queries_of(lambda: drawing.take(first)) == 1
    assert queries_of(lambda: drawing.spend(owner="order:a")) == 1
    assert queries_of(lambda: drawing.unspend(owner="order:a")) == 1
    assert queries_of(lambda: drawing.release(owner="order:a")) == 1


def test_where_one_shard_has_too_little_each_quota_is_drawn_by_itself(queries_of):
    plenty, scarce = a_quota(total=100), a_quota(total=16, shards=16)
    demands = [Demand(quota_id, 2, Kind.STOCK) for quota_id in (plenty, scarce)]

    drawing.hold(demands, owner="order:a")

    assert availability.left([plenty, scarce]) == {plenty: 98, scarce: 14}
    # Without their kinds, one more statement finds the order in which to lock.
    known = queries_of(lambda: drawing.hold(demands, owner="order:b"))
    unsaid = [Demand(quota_id, 2) for quota_id in (plenty, scarce)]
    assert queries_of(lambda: drawing.hold(unsaid, owner="order:c")) == known + 1


def test_sold_out_is_answered_from_a_snapshot_without_a_lock(queries_of):
    quota_id = a_quota(total=1, shards=16)
    drawing.hold([Demand(quota_id, 1)], owner="order:a")

    def ask():
        with pytest.raises(drawing.Exhausted):
            drawing.hold([Demand(quota_id, 1)], owner="order:b")

    # The guarded statement, the sum, and whether this owner has it by now.
    assert queries_of(ask) == 3


@pytest.mark.django_db(transaction=True)
def test_no_verb_works_outside_a_transaction():
    for call in (
        lambda: drawing.hold([], owner="order:a"),
        lambda: drawing.release(owner="order:a"),
        lambda: drawing.take(1),
        lambda: opening.open_quota(Kind.STOCK, total=1),
    ):
        with pytest.raises(TransactionMissing):
            call()
