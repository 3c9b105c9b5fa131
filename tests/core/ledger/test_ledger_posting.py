"""The books: once per fact, to zero, and never rewritten."""

import time
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from core import reconciling
from core.audit.actors import Actor
from core.ledger.models import AccountKind, Entry
from core.ledger.models import Posting as Row
from core.ledger.selectors import balances
from core.ledger.services import posting
from core.ledger.services.posting import Posting
from core.transactions import TransactionMissing, entry
from tests.factories.accounts import a_user

OURS = ["ledger.entries_have_postings", "ledger.entries_sum_to_zero"]
SIDES = (
    Posting(AccountKind.PROVIDER_CLEARING, "sandbox", 19_149),
    Posting(AccountKind.SUBSIDY, "budget", 2_100),
    Posting(AccountKind.SHOP_PAYABLE, "shop-a", -7_229),
    Posting(AccountKind.SHOP_PAYABLE, "shop-b", -14_020),
)


def post(now, postings=SIDES, reference="order-1", **more):
    return posting.post(kind="ORDER_PAID", reference=reference, postings=postings, now=now, **more)


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_an_entry_is_written_once_whatever_it_says_the_second_time(now):
    assert post(now) is True
    assert post(now, SIDES[:0]) is False
    assert post(now, [SIDES[0], Posting(AccountKind.SUBSIDY, "x", -19_149)]) is False

    assert balances.entry_postings("ORDER_PAID", "order-1") == {
        (side.account, side.owner): side.amount_fen for side in SIDES
    }
    assert balances.balance_of(AccountKind.SHOP_PAYABLE, "shop-a") == -7_229
    assert balances.balance_of(AccountKind.SHOP_PAYABLE, "nobody") == 0
    assert balances.balances(AccountKind.SHOP_PAYABLE) == {"shop-a": -7_229, "shop-b": -14_020}


@pytest.mark.django_db
def test_an_entry_costs_one_statement_and_names_who_made_it(now, queries_of):
    user, principal = a_user(), a_user()

    assert queries_of(lambda: post(now, actor=Actor(user.pk, principal.pk))) == 1

    written = Entry.objects.get()
    assert (written.at, written.actor_id, written.on_behalf_of_id) == (now, user.pk, principal.pk)


@pytest.mark.django_db
def test_sides_of_nothing_are_left_out_and_an_entry_of_nothing_is_not_written(now):
    assert post(now, [*SIDES, Posting(AccountKind.PLATFORM_REVENUE, "", 0)]) is True
    assert Row.objects.count() == 4
    assert post(now, [Posting(AccountKind.SUBSIDY, "x", 0)], reference="order-2") is False
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_what_does_not_sum_to_zero_is_refused_before_it_is_sent(now):
    with pytest.raises(ValueError, match="does not sum to zero"):
        post(now, SIDES[:2])

    assert not Entry.objects.exists()


INSERT = (
    "INSERT INTO ledger_posting (entry_id, account, owner, amount_fen) VALUES "
    "((SELECT max(id) FROM ledger_entry), '{account}', 'x', {fen})"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        (INSERT.format(account="SUBSIDY", fen=1), "ledger_posting_entry_sums_to_zero"),
        (INSERT.format(account="SUBSIDY", fen=0), "ledger_posting_moves_something"),
        (INSERT.format(account="POCKET", fen=1), "ledger_posting_account_is_known"),
        (
            "INSERT INTO ledger_entry (kind, reference, at) VALUES ('X', 'y', now());"
            "SET CONSTRAINTS ledger_entry_has_postings IMMEDIATE",
            "ledger_entry_has_postings",
        ),
        (
            "INSERT INTO ledger_entry (kind, reference, at) VALUES ('', 'y', now())",
            "ledger_entry_names_its_fact",
        ),
        (
            "INSERT INTO ledger_entry (kind, reference, at)"
            " VALUES ('ORDER_PAID', 'order-1', now())",
            "ledger_entry_posted_once",
        ),
        ("UPDATE ledger_posting SET owner = 'me'", "ledger_posting_is_append_only"),
        ("DELETE FROM ledger_posting", "ledger_posting_is_append_only"),
        ("UPDATE ledger_entry SET at = now()", "ledger_entry_is_append_only"),
        ("DELETE FROM ledger_entry", "ledger_entry_is_append_only"),
    ],
)
def test_the_database_refuses_what_is_not_double_entry(now, change, constraint):
    post(now)

    with pytest.raises(IntegrityError) as refused:
        run(change)

    assert refused.value.__cause__.diag.constraint_name == constraint
    assert Row.objects.count() == 4


@pytest.mark.django_db
def test_one_wrong_entry_among_many_in_a_statement_is_found(now):
    post(now)
    post(now, reference="order-2")

    with pytest.raises(IntegrityError, match="off by 1 fen"):
        run(
            "INSERT INTO ledger_posting (entry_id, account, owner, amount_fen)"
            " SELECT id, 'SUBSIDY', '', side FROM ledger_entry,"
            " unnest(ARRAY[5, CASE reference WHEN 'order-1' THEN -5 ELSE -4 END]) AS side"
        )


@pytest.mark.django_db(transaction=True)
def test_an_entry_without_postings_is_refused_at_commit(now):
    with pytest.raises(IntegrityError) as refused:
        run("INSERT INTO ledger_entry (kind, reference, at) VALUES ('X', 'y', now())")

    assert refused.value.__cause__.diag.constraint_name == "ledger_entry_has_postings"
    assert not Entry.objects.exists()
    with pytest.raises(TransactionMissing):
        post(now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.races
def test_a_fact_posted_by_many_at_once_is_written_once(now, at_once):
    outcomes = at_once(*(partial(entry(post), now) for _ in range(8)))

    assert sorted(outcomes) == [False] * 7 + [True]
    assert balances.balance_of(AccountKind.SHOP_PAYABLE, "shop-a") == -7_229


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("corruption", "name"),
    [
        ("UPDATE ledger_posting SET amount_fen = 19150 WHERE amount_fen = 19149", OURS[1]),
        ("DELETE FROM ledger_posting", OURS[0]),
    ],
)
def test_corrupt_books_are_reported(now, corruption, name):
    post(now)
    assert all(result.is_held for result in reconciling.run(OURS))

    run(
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE ledger_posting DISABLE TRIGGER USER;"
        f"{corruption}; ALTER TABLE ledger_posting ENABLE TRIGGER USER"
    )

    (result,) = (result for result in reconciling.run(OURS) if not result.is_held)
    assert (result.name, result.findings[0].subject) == (name, "ORDER_PAID order-1")


@pytest.mark.django_db
def test_canary_without_the_trigger_a_lopsided_entry_would_stand(now):
    post(now)
    run(
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE ledger_posting DISABLE TRIGGER USER;"
        + INSERT.format(account="SUBSIDY", fen=1)
        + "; ALTER TABLE ledger_posting ENABLE TRIGGER USER"
    )

    assert Row.objects.count() == 5


@pytest.mark.django_db
def test_twenty_times_the_postings_are_judged_in_about_twenty_times_the_time(now):
    def seconds_for(count, reference):
        sides = [
            side
            for number in range(count // 2)
            for side in (
                Posting(AccountKind.SUBSIDY, str(number), 1),
                Posting(AccountKind.SHOP_PAYABLE, str(number), -1),
            )
        ]
        started = time.perf_counter()
        post(now, sides, reference=reference)
        return time.perf_counter() - started

    few = min(seconds_for(1_000, f"few {turn}") for turn in range(3))
    many = seconds_for(20_000, "many")

    # Quadratic judging takes four hundred times as long, 22 s here.
    assert many < 100 * few
