"""All coupons of a batch and all spending of a budget, for whoever takes them away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from marketplace.coupons.models import CouponBatch, CouponBudget

# What is read at a time, by key, however much there is.
AT_ONCE = 1_000
_COUPONS = """
    SELECT coupon.id, coupon.reference::text, coupon.state, coupon.claimed_at, coupon.valid_from,
        coupon.valid_until, coupon.used_at, coupon.order_reference::text,
        (SELECT coalesce(sum(one.amount_fen), 0)::bigint FROM coupons_couponuse AS one
         WHERE one.coupon_id = coupon.id AND one.reversed_at IS NULL)
    FROM coupons_usercoupon AS coupon
    WHERE coupon.batch_id = %(owner)s AND coupon.id > %(after)s ORDER BY coupon.id LIMIT %(most)s
"""
_SPENDING = """
    SELECT one.id, batch.name, coupon.reference::text, one.order_reference::text,
        one.line_reference::text, one.amount_fen, one.used_at, one.reversed_at
    FROM coupons_couponuse AS one
    JOIN coupons_usercoupon AS coupon ON coupon.id = one.coupon_id
    JOIN coupons_couponbatch AS batch ON batch.id = coupon.batch_id
    WHERE one.budget_id = %(owner)s AND one.id > %(after)s ORDER BY one.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class ExportedCoupon:
    """A coupon without its owner: when it was claimed and used, and what it took off."""

    key: int
    reference: str
    state: str
    claimed_at: datetime
    valid_from: datetime
    valid_until: datetime
    used_at: datetime | None
    order_reference: str | None
    used_fen: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What a coupon took out of a budget on one line of an order, and whether that came back."""

    key: int
    batch: str
    coupon_reference: str
    order_reference: str
    line_reference: str
    amount_fen: int
    used_at: datetime
    reversed_at: datetime | None


def coupons_of(batch: CouponBatch) -> Iterator[ExportedCoupon]:
    """Yield the coupons of a batch as they were claimed."""
    for facts in _walk(_COUPONS, batch.pk):
        yield ExportedCoupon(*facts)


def spending_of(budget: CouponBudget) -> Iterator[Spent]:
    """Yield what was ever spent of a budget, as it was spent."""
    for facts in _walk(_SPENDING, budget.pk):
        yield Spent(*facts)


def _walk(statement: str, owner: int) -> Iterator[tuple[Any, ...]]:
    after = 0
    while rows := _rows(statement, owner, after):
        yield from rows
        after = rows[-1][0]


def _rows(statement: str, owner: int, after: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"owner": owner, "after": after, "most": AT_ONCE})
        return list(cursor.fetchall())
