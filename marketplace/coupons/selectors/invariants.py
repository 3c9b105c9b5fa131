"""Every fen of a budget and every piece of a batch is explained by coupons."""

from collections.abc import Iterable

from core.quotas.invariants import explains
from core.quotas.models import Kind
from core.reconciling import Finding, found, invariant

# A claimed coupon is one piece taken, whatever became of it.
explains(
    Kind.BATCH,
    """
    SELECT batch.quota_id, count(*) FROM coupons_usercoupon AS coupon
    JOIN coupons_couponbatch AS batch ON batch.id = coupon.batch_id GROUP BY batch.quota_id
    """,
)

_FIGURES = """
    SELECT budget.id, budget.reference, sum(shard.total) AS total, sum(shard.held) AS held,
           sum(shard.spent) AS spent
    FROM coupons_couponbudget AS budget
    JOIN quotas_quotashard AS shard ON shard.quota_id = budget.quota_id
    GROUP BY budget.id
"""


@invariant("coupons.budgets_are_never_overdrawn")
def budgets_are_never_overdrawn() -> Iterable[Finding]:
    """Check total = available + reserved + spent, each at least zero, in every shard."""
    return found(
        """
        SELECT budget.reference, shard.number, shard.total, shard.held, shard.spent
        FROM coupons_couponbudget AS budget
        JOIN quotas_quotashard AS shard ON shard.quota_id = budget.quota_id
        WHERE least(shard.held, shard.spent, shard.total - shard.held - shard.spent) < 0
        ORDER BY budget.id, shard.number
        """,
        "budget {reference} shard {number}",
        "total {total}, reserved {held}, spent {spent}",
    )


@invariant("coupons.coupons_explain_budgets")
def coupons_explain_budgets() -> Iterable[Finding]:
    """Check what budgets have reserved and spent against what each coupon must hold and cost.

    Locked coupons hold their worst case, and unused ones unless that is set aside only at the use;
    a used one has spent what it cost and holds the spare until it is settled; others hold nothing.
    """
    return found(
        f"""
        WITH share AS (
            SELECT coupon.id, coupon.state, coupon.settled_at, batch.commit_mode, part.budget_id,
                   (coalesce(batch.max_discount_fen, batch.amount_fen) * part.bp + 9999) / 10000
                       AS worst,
                   coalesce((SELECT sum(used.amount_fen) FROM coupons_couponuse AS used
                             WHERE used.coupon_id = coupon.id AND used.reversed_at IS NULL
                               AND used.budget_id = part.budget_id), 0) AS cost
            FROM coupons_usercoupon AS coupon
            JOIN coupons_couponbatch AS batch ON batch.id = coupon.batch_id
            JOIN coupons_batchfunding AS part
              ON part.batch_id = batch.id AND part.budget_id IS NOT NULL
        ), explained AS (
            SELECT budget_id,
                   sum(CASE WHEN state = 'LOCKED' THEN worst
                            WHEN state = 'UNUSED' AND commit_mode = 'AT_CLAIM' THEN worst
                            WHEN state = 'USED' AND settled_at IS NULL THEN worst - cost
                            ELSE 0 END) AS held,
                   sum(CASE WHEN state = 'USED' THEN cost ELSE 0 END) AS spent
            FROM share GROUP BY budget_id
        ), figures AS ({_FIGURES})
        SELECT figures.reference, figures.held, figures.spent,
               coalesce(explained.held, 0) AS told_held, coalesce(explained.spent, 0) AS told_spent
        FROM figures LEFT JOIN explained ON explained.budget_id = figures.id
        WHERE (figures.held, figures.spent)
            <> (coalesce(explained.held, 0), coalesce(explained.spent, 0))
        ORDER BY figures.id
        """,  # noqa: S608
        "budget {reference}",
        "reserved {held} and spent {spent}, coupons explain {told_held} and {told_spent}",
    )


@invariant("coupons.days_follow_their_budgets")
def days_follow_their_budgets() -> Iterable[Finding]:
    """Check that what a day has committed is what the same owners have drawn from its budget."""
    return found(
        """
        SELECT budget.reference, day.day, hold.owner, hold.held, hold.spent,
               coalesce(own.held, 0) AS own_held, coalesce(own.spent, 0) AS own_spent
        FROM coupons_budgetday AS day
        JOIN coupons_couponbudget AS budget ON budget.id = day.budget_id
        JOIN quotas_quotahold AS hold ON hold.quota_id = day.quota_id
        LEFT JOIN quotas_quotahold AS own
            ON own.owner = hold.owner AND own.quota_id = budget.quota_id
        WHERE (hold.held, hold.spent) <> (coalesce(own.held, 0), coalesce(own.spent, 0))
        ORDER BY day.id, hold.id
        """,
        "budget {reference} on {day}",
        "{owner} has {held} reserved and {spent} spent, of the budget {own_held} and {own_spent}",
    )


@invariant("coupons.days_keep_to_the_cap")
def days_keep_to_the_cap() -> Iterable[Finding]:
    """Check that no day of a capped budget was opened for more than its cap."""
    return found(
        """
        SELECT budget.reference, day.day, sum(shard.total) AS total, budget.daily_cap_fen
        FROM coupons_budgetday AS day
        JOIN coupons_couponbudget AS budget ON budget.id = day.budget_id
        JOIN quotas_quotashard AS shard ON shard.quota_id = day.quota_id
        GROUP BY day.id, budget.id HAVING sum(shard.total) > budget.daily_cap_fen ORDER BY day.id
        """,
        "budget {reference} on {day}",
        "opened for {total}, the cap is {daily_cap_fen}",
    )


@invariant("coupons.uses_equal_spent")
def uses_equal_spent() -> Iterable[Finding]:
    """Check that what coupons took off, less what was reversed, is what each budget spent."""
    return found(
        f"""
        WITH figures AS ({_FIGURES}), used AS (
            SELECT budget_id, sum(amount_fen) AS taken,
                   sum(amount_fen) FILTER (WHERE reversed_at IS NOT NULL) AS reversed
            FROM coupons_couponuse WHERE budget_id IS NOT NULL GROUP BY budget_id
        )
        SELECT figures.reference, figures.spent, coalesce(used.taken, 0) AS taken,
               coalesce(used.reversed, 0) AS reversed
        FROM figures LEFT JOIN used ON used.budget_id = figures.id
        WHERE figures.spent <> coalesce(used.taken, 0) - coalesce(used.reversed, 0)
        ORDER BY figures.id
        """,  # noqa: S608
        "budget {reference}",
        "spent {spent}, coupons took {taken} off and {reversed} were reversed",
    )


@invariant("coupons.ledger_equals_spent")
def ledger_equals_spent() -> Iterable[Finding]:
    """Check that the subsidy account of each budget is what the budget spent."""
    return found(
        f"""
        WITH figures AS ({_FIGURES}), posted AS (
            SELECT owner, sum(amount_fen) AS balance FROM ledger_posting
            WHERE account = 'SUBSIDY' GROUP BY owner
        )
        SELECT coalesce(figures.reference::text, posted.owner) AS owner,
               coalesce(figures.spent, 0) AS spent, coalesce(posted.balance, 0) AS balance
        FROM figures FULL JOIN posted ON posted.owner = figures.reference::text
        WHERE coalesce(figures.spent, 0) <> coalesce(posted.balance, 0)
        ORDER BY 1
        """,  # noqa: S608
        "budget {owner}",
        "spent {spent}, the ledger says {balance}",
    )


@invariant("coupons.pieces_equal_coupons")
def pieces_equal_coupons() -> Iterable[Finding]:
    """Check that each batch gave out as many pieces as there are coupons of it."""
    return found(
        """
        SELECT batch.reference, taken.spent, count(coupon.id) AS coupons
        FROM coupons_couponbatch AS batch
        JOIN (SELECT quota_id, sum(spent) AS spent FROM quotas_quotashard GROUP BY quota_id)
            AS taken ON taken.quota_id = batch.quota_id
        LEFT JOIN coupons_usercoupon AS coupon ON coupon.batch_id = batch.id
        GROUP BY batch.id, taken.spent HAVING taken.spent <> count(coupon.id) ORDER BY batch.id
        """,
        "batch {reference}",
        "{spent} pieces taken, {coupons} coupons",
    )


@invariant("coupons.counts_equal_coupons")
def counts_equal_coupons() -> Iterable[Finding]:
    """Check that each person's count is the number of their coupons, within the limit."""
    return found(
        """
        WITH owned AS (
            SELECT batch_id, user_id, count(*) AS coupons
            FROM coupons_usercoupon GROUP BY batch_id, user_id
        )
        SELECT batch.reference, coalesce(counted.user_id, owned.user_id) AS person,
               coalesce(counted.claimed, 0) AS claimed, coalesce(owned.coupons, 0) AS coupons,
               batch.per_user_limit
        FROM coupons_claimcount AS counted FULL JOIN owned USING (batch_id, user_id)
        JOIN coupons_couponbatch AS batch ON batch.id = coalesce(counted.batch_id, owned.batch_id)
        WHERE coalesce(counted.claimed, 0) <> coalesce(owned.coupons, 0)
           OR coalesce(owned.coupons, 0) > batch.per_user_limit
        ORDER BY batch.id, person
        """,
        "batch {reference} person {person}",
        "counted {claimed}, owns {coupons}, may have {per_user_limit}",
    )


@invariant("coupons.coupons_follow_their_batches")
def coupons_follow_their_batches() -> Iterable[Finding]:
    """Check what a coupon repeats of its batch: for new users or not, by a code of it or openly."""
    return found(
        """
        SELECT coupon.reference, coupon.is_for_newcomers, coupon.code_id, batch.kind, batch.by_code,
               code.batch_id AS code_of, batch.id AS batch_id
        FROM coupons_usercoupon AS coupon
        JOIN coupons_couponbatch AS batch ON batch.id = coupon.batch_id
        LEFT JOIN coupons_couponcode AS code ON code.id = coupon.code_id
        WHERE coupon.is_for_newcomers <> (batch.kind = 'NEW_USER')
           OR (coupon.code_id IS NOT NULL) <> batch.by_code OR code.batch_id <> batch.id
        ORDER BY coupon.id
        """,
        "coupon {reference}",
        "for newcomers {is_for_newcomers}, code {code_id} of batch {code_of};"
        " its batch {batch_id} is {kind}, by code {by_code}",
    )


@invariant("coupons.runs_count_their_codes")
def runs_count_their_codes() -> Iterable[Finding]:
    """Check that as many codes stand as a run says are written, numbered below the next one."""
    return found(
        """
        SELECT batch.reference, run.written, run.next_number, count(code.id) AS codes,
               coalesce(max(code.number), -1) AS last
        FROM coupons_coderun AS run
        JOIN coupons_couponbatch AS batch ON batch.id = run.batch_id
        LEFT JOIN coupons_couponcode AS code ON code.batch_id = run.batch_id
        GROUP BY run.id, batch.id
        HAVING count(code.id) <> run.written OR coalesce(max(code.number), -1) >= run.next_number
        ORDER BY run.id
        """,
        "batch {reference}",
        "{written} written up to {next_number}, {codes} codes stand, the last is {last}",
    )
