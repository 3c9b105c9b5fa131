"""Reading budgets and batches as they go, and telling when somebody should look."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core.transactions import entry
from marketplace.coupons.domain import burning
from marketplace.coupons.domain.burning import AlertKind, Burn
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.models import BudgetAlert

AT_ONCE_MAX = 1_000
# A reading is written no more often than this, and a rate looks back no further than that.
EVERY = timedelta(minutes=5)
LOOK_BACK = timedelta(hours=24)
_LIVE = [BatchState.ACTIVE.value, BatchState.PAUSED.value]

_BUDGETS = """
    INSERT INTO coupons_budgetreading (budget_id, at, total_fen, held_fen, spent_fen)
    SELECT budget.id, %(now)s, stands.total, stands.held, stands.spent
    FROM coupons_couponbudget AS budget
    CROSS JOIN LATERAL (
        SELECT sum(total)::bigint AS total, sum(held)::bigint AS held, sum(spent)::bigint AS spent
        FROM quotas_quotashard WHERE quota_id = budget.quota_id) AS stands
    LEFT JOIN LATERAL (
        SELECT * FROM coupons_budgetreading WHERE budget_id = budget.id
        ORDER BY at DESC LIMIT 1) AS last ON true
    WHERE (last.at IS NULL OR last.at <= %(before)s)
      AND (last.total_fen, last.held_fen, last.spent_fen)
          IS DISTINCT FROM (stands.total, stands.held, stands.spent)
    ORDER BY last.at NULLS FIRST, budget.id LIMIT %(most)s
    ON CONFLICT DO NOTHING
"""
_BATCHES = """
    INSERT INTO coupons_batchreading (batch_id, at, claimed, used)
    SELECT batch.id, %(now)s, stands.claimed, stands.used FROM coupons_couponbatch AS batch
    LEFT JOIN LATERAL (
        SELECT * FROM coupons_batchreading WHERE batch_id = batch.id
        ORDER BY at DESC LIMIT 1) AS last ON true
    CROSS JOIN LATERAL (
        SELECT (SELECT coalesce(sum(spent), 0)::bigint FROM quotas_quotashard
                WHERE quota_id = batch.quota_id) AS claimed,
               (SELECT count(*) FROM coupons_usercoupon
                WHERE batch_id = batch.id AND state = 'USED') AS used) AS stands
    WHERE batch.state = ANY(%(live)s::text[]) AND (last.at IS NULL OR last.at <= %(before)s)
      AND (last.claimed, last.used) IS DISTINCT FROM (stands.claimed, stands.used)
    ORDER BY last.at NULLS FIRST, batch.id LIMIT %(most)s
    ON CONFLICT DO NOTHING
"""
# The money that running batches draw on: how it stands, how it stood within the last day, and
# until when it is claimed.
_BURNS = """
    SELECT budget.id, stands.total, stands.committed, earlier.committed, earlier.at, needed.until
    FROM coupons_couponbudget AS budget
    CROSS JOIN LATERAL (
        SELECT max(batch.claim_until) AS until FROM coupons_batchfunding AS part
        JOIN coupons_couponbatch AS batch ON batch.id = part.batch_id
        WHERE part.budget_id = budget.id AND batch.state = ANY(%(live)s::text[])) AS needed
    CROSS JOIN LATERAL (
        SELECT sum(total)::bigint AS total, sum(held + spent)::bigint AS committed
        FROM quotas_quotashard WHERE quota_id = budget.quota_id) AS stands
    LEFT JOIN LATERAL (
        SELECT at, held_fen + spent_fen AS committed FROM coupons_budgetreading
        WHERE budget_id = budget.id AND at >= %(since)s AND at < %(now)s
        ORDER BY at LIMIT 1) AS earlier ON true
    WHERE needed.until IS NOT NULL AND stands.total > 0
"""


@entry
def watch(now: datetime) -> int:
    """Write down how running batches and all budgets stand, and raise what is new; return how many.

    Asked by two at once nothing is written twice: an alert is one for each total.
    """
    asked: dict[str, Any] = {
        "now": now,
        "before": now - EVERY,
        "since": now - LOOK_BACK,
        "live": _LIVE,
        "most": AT_ONCE_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BUDGETS, asked)
        cursor.execute(_BATCHES, asked)
        cursor.execute(_BURNS, asked)
        burns = {budget_id: Burn(*facts) for budget_id, *facts in cursor.fetchall()}
    return _raise(burns, now)


def _raise(burns: dict[int, Burn], now: datetime) -> int:
    known = set(
        BudgetAlert.objects.filter(budget__in=burns).values_list("budget_id", "kind", "total_fen")
    )
    new = [
        BudgetAlert(
            budget_id=budget_id,
            kind=kind,
            total_fen=burn.total_fen,
            committed_fen=burn.committed_fen,
            raised_at=now,
            ends_at=burning.ends_at(burn, now) if kind == AlertKind.ENDS_EARLY else None,
        )
        for budget_id, burn in burns.items()
        for kind in burning.alerts_of(burn, now)
        if (budget_id, kind, burn.total_fen) not in known
    ]
    BudgetAlert.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
