"""The codes of a batch: how far they are made, and all of them for whoever prints them."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from core.errors import NotFound
from marketplace.coupons.domain import codes
from marketplace.coupons.models import CodeRun, CouponCode

# What is held in memory at a time, however many codes there are.
AT_ONCE = 2_000
HEADING = "number,code,claimed_at\r\n"


@dataclass(frozen=True, slots=True)
class Printed:
    """A code in plain, with when it was claimed."""

    number: int
    code: str
    claimed_at: datetime | None


def run_of(batch_reference: UUID) -> CodeRun:
    """Return how far the codes of a batch are made.

    Raises:
        NotFound: there is no such batch, or nobody has its codes made.
    """
    rows = CodeRun.objects.select_related("batch").filter(batch__reference=batch_reference)
    run = rows.first()  # One for each batch.
    if run is None:
        raise NotFound(subject="code_run")
    return run


def batch_of_code(digest: str) -> UUID | None:
    """Return which batch a typed code belongs to, whether it was used or not."""
    found = CouponCode.objects.filter(digest=digest).values_list("batch__reference", flat=True)
    return found.first()  # The digest is unique.


def secret_of(run: CodeRun) -> bytes:
    """Return what the codes of a batch are made from."""
    return base64.b64decode(run.secret)


def printed(run: CodeRun, after: int = -1) -> Iterator[Printed]:
    """Yield the codes of a batch by number, from behind one that is known, made anew from there."""
    secret = secret_of(run)
    while rows := _rows(run.batch_id, after):
        for number, claimed_at in rows:
            yield Printed(number, codes.shown(codes.code_of(secret, number)), claimed_at)
        after = rows[-1][0]


def as_csv(run: CodeRun, after: int = -1) -> Iterator[str]:
    """Yield the codes of a batch as CSV, a piece at a time."""
    piece = [HEADING]
    for one in printed(run, after):
        claimed_at = one.claimed_at.isoformat() if one.claimed_at else ""
        piece.append(f"{one.number},{one.code},{claimed_at}\r\n")
        if len(piece) >= AT_ONCE:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


_ROWS = """
    SELECT code.number, coupon.claimed_at FROM coupons_couponcode AS code
    LEFT JOIN coupons_usercoupon AS coupon ON coupon.code_id = code.id
    WHERE code.batch_id = %s AND code.number > %s ORDER BY code.number LIMIT %s
"""


def _rows(batch_id: int, after: int) -> list[tuple[int, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [batch_id, after, AT_ONCE])
        return list(cursor.fetchall())
