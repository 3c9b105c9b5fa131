"""Out of which budgets the funders of used coupons pay, and what caps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Payer:
    """A budget and its share, and every quota that money was set aside in: its own, and a day's."""

    budget_id: int
    bp: int
    quota_ids: tuple[int, ...]


_PAYERS = """
    SELECT asked.coupon_id, part.funder, budget.id, part.bp,
           budget.quota_id || ARRAY(
               SELECT day.quota_id FROM quotas_quotahold AS hold
               JOIN coupons_budgetday AS day ON day.quota_id = hold.quota_id
               WHERE hold.owner = asked.owner AND day.budget_id = budget.id)
    FROM unnest(%(coupons)s::bigint[], %(batches)s::bigint[], %(owners)s::text[])
        AS asked (coupon_id, batch_id, owner)
    JOIN coupons_batchfunding AS part ON part.batch_id = asked.batch_id
    JOIN coupons_couponbudget AS budget ON budget.id = part.budget_id
"""


def payers_of(coupons: Sequence[tuple[int, int, str]]) -> dict[tuple[int, str], Payer]:
    """Return who pays, by coupon and funder; asked with each coupon's batch and its money's owner.

    Money that was set aside on a capped day is spent in the budget and in that day.
    """
    given: dict[str, Any] = {
        "coupons": [coupon_id for coupon_id, _, _ in coupons],
        "batches": [batch_id for _, batch_id, _ in coupons],
        "owners": [owner for _, _, owner in coupons],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAYERS, given)
        return {
            (coupon_id, funder): Payer(budget_id, bp, tuple(quota_ids))
            for coupon_id, funder, budget_id, bp, quota_ids in cursor.fetchall()
        }
