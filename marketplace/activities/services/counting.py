"""How many pieces of an activity each person has: counted where there is a limit."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from core.errors import DomainError
from core.transactions import needs_transaction


class ActivityUserLimit(DomainError):
    """One person cannot have that many at this price."""

    code = "ACTIVITY_USER_LIMIT"
    zh = "超过该活动的每人限购数量。"


# In the order of ids, as all rows that several transactions of one person may want.
_COUNT = """
    INSERT INTO activities_activitybuyer AS buyer (activity_id, user_id, bought, allowed)
    SELECT activity.id, %(user)s, asked.pieces, activity.per_user_limit
    FROM unnest(%(references)s::uuid[], %(pieces)s::int[]) AS asked (reference, pieces)
    JOIN activities_activity AS activity ON activity.reference = asked.reference
    WHERE asked.pieces <= activity.per_user_limit
    ORDER BY activity.id
    ON CONFLICT (activity_id, user_id) DO UPDATE SET bought = buyer.bought + excluded.bought
        WHERE buyer.bought + excluded.bought <= buyer.allowed
    RETURNING activity_id
"""

_UNCOUNT = """
    WITH mine AS MATERIALIZED (
        SELECT buyer.id, asked.pieces
        FROM unnest(%(references)s::uuid[], %(pieces)s::int[]) AS asked (reference, pieces)
        JOIN activities_activity AS activity ON activity.reference = asked.reference
        JOIN activities_activitybuyer AS buyer
            ON buyer.activity_id = activity.id AND buyer.user_id = %(user)s
        ORDER BY activity.id
        FOR NO KEY UPDATE OF buyer
    )
    UPDATE activities_activitybuyer AS buyer SET bought = buyer.bought - mine.pieces
    FROM mine WHERE buyer.id = mine.id
"""


@needs_transaction
def count(user_id: int, pieces: Mapping[str, int]) -> None:
    """Count pieces of limited activities, by their references, as somebody's.

    Raises:
        ActivityUserLimit: of one of them it would be more than a person may have.
    """
    if pieces and _run(_COUNT, user_id, pieces) < len(pieces):
        raise ActivityUserLimit(activities=sorted(pieces))


@needs_transaction
def uncount(user_id: int, pieces: Mapping[str, int]) -> None:
    """Stop counting pieces that somebody gave back; of activities without a limit nothing is."""
    if pieces:
        _run(_UNCOUNT, user_id, pieces)


def _run(sql: str, user_id: int, pieces: Mapping[str, int]) -> int:
    asked: dict[str, Any] = {
        "user": user_id,
        "references": list(pieces),
        "pieces": list(pieces.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return int(cursor.rowcount)
