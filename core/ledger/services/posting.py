"""Post to the ledger: once per fact, and only what sums to zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from core.audit.actors import SYSTEM, Actor
from core.ledger.models import AccountKind
from core.transactions import needs_transaction


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry, in fen: a debit is positive, a credit negative."""

    account: AccountKind
    owner: str
    amount_fen: int


# The entry and its postings are one statement: the trigger judges them together.
_POST = """
    WITH posted AS (
        INSERT INTO ledger_entry (kind, reference, at, actor_id, on_behalf_of_id)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT ON CONSTRAINT ledger_entry_posted_once DO NOTHING
        RETURNING id
    ), sides AS (
        INSERT INTO ledger_posting (entry_id, account, owner, amount_fen)
        SELECT posted.id, side.account, side.owner, side.amount_fen
        FROM posted, unnest(%s::text[], %s::text[], %s::bigint[])
            AS side (account, owner, amount_fen)
    )
    SELECT count(*) FROM posted
"""


@needs_transaction
def post(
    *,
    kind: str,
    reference: str,
    postings: Sequence[Posting],
    now: datetime,
    actor: Actor = SYSTEM,
) -> bool:
    """Write an entry unless it is there already; tell whether it was written now.

    Sides of zero fen are left out; an entry that moves nothing at all is not written.

    Raises:
        ValueError: the postings do not sum to zero.
    """
    sides = [side for side in postings if side.amount_fen]
    if sum(side.amount_fen for side in sides):
        raise ValueError(f"{kind} {reference} does not sum to zero: {sides}")
    if not sides:
        return False
    parameters: list[Any] = [
        kind,
        reference,
        now,
        actor.user_id,
        actor.on_behalf_of_id,
        [str(side.account) for side in sides],
        [side.owner for side in sides],
        [side.amount_fen for side in sides],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_POST, parameters)
        return bool(cursor.fetchone() == (1,))
