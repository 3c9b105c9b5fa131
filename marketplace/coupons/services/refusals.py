"""Counting why claims are refused, at no cost to those that are accepted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core import periods
from core.errors import DomainError
from core.http import tallies
from core.transactions import entry
from marketplace.abuse.services import watching
from marketplace.coupons.selectors.codes import batch_of_code
from marketplace.coupons.services import claims, codes, money

TALLY = "coupons.refused"
_COUNTED: tuple[type[DomainError], ...] = (
    claims.CouponWindow,
    claims.CouponPaused,
    claims.CouponUserLimit,
    claims.CouponSoldOut,
    money.BudgetExhausted,
    *watching.REFUSALS,
)
COUNTED = frozenset(refusal.code for refusal in _COUNTED)

# Of batches that there are; whoever asks for what never was is counted for nothing.
_FOLD = """
    INSERT INTO coupons_claimrefusal AS present (batch_id, day, code, refused)
    SELECT batch.id, counted.day, counted.code, counted.refused
    FROM unnest(%(batches)s::uuid[], %(days)s::date[], %(codes)s::text[], %(refused)s::bigint[])
        AS counted (reference, day, code, refused)
    JOIN coupons_couponbatch AS batch ON batch.reference = counted.reference
    ORDER BY batch.id, counted.day, counted.code
    ON CONFLICT ON CONSTRAINT coupons_claimrefusal_once_a_day
    DO UPDATE SET refused = present.refused + excluded.refused
"""


@contextmanager
def counted(batch: UUID, now: datetime) -> Iterator[None]:
    """Count a claim of a batch that is refused, once its transaction is undone."""
    try:
        yield
    except DomainError as refusal:
        _note(batch, refusal, now)
        raise


@contextmanager
def counted_by_code(code: str, now: datetime) -> Iterator[None]:
    """Count a claim by code that is refused, for the batch of the code if it has one."""
    try:
        yield
    except DomainError as refusal:
        batch = batch_of_code(codes.digest_of(code)) if refusal.code in COUNTED else None
        if batch is not None:
            _note(batch, refusal, now)
        raise


def fold(now: datetime) -> int:  # noqa: ARG001
    """Write down what was counted since the last time; return how many refusals that were.

    What was taken and not written, because something broke in between, is lost.
    """
    tally = tallies.take(TALLY)
    if tally:
        _write([(*what.split(" "), refused) for what, refused in tally.items()])
    return sum(tally.values())


def _note(batch: UUID, refusal: DomainError, now: datetime) -> None:
    if refusal.code in COUNTED:
        tallies.add(TALLY, f"{batch} {periods.local_day(now).isoformat()} {refusal.code}")


@entry
def _write(rows: list[tuple[Any, ...]]) -> None:
    batches, days, reasons, refused = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLD,
            {
                "batches": list(batches),
                "days": list(days),
                "codes": list(reasons),
                "refused": list(refused),
            },
        )
