"""Several quotas locked one after the other with time in between, so that carts meet halfway."""

from core.quotas.services import drawing, statements
from tests.support.meeting import Meeting

IN_ORDER = "ORDER BY wanted.rank, wanted.quota_id"
AS_ASKED = "ORDER BY array_position(%(quota_ids)s::bigint[], wanted.quota_id)"
JUDGED = "AS is_there\n        FROM wanted JOIN"


def lock_slowly(monkeypatch, *, in_lock_order, carts=2):
    """Let carts come together and then rest before they lock each of several quotas."""
    sql = statements.HOLD_TOGETHER
    assert IN_ORDER in sql
    assert JUDGED in sql
    sql = sql.replace(JUDGED, JUDGED.replace("is_there", "is_there, pg_sleep(0.2)"))
    monkeypatch.setattr(
        statements, "HOLD_TOGETHER", sql if in_lock_order else sql.replace(IN_ORDER, AS_ASKED)
    )
    monkeypatch.setattr(drawing, "_hold_together", Meeting(carts).before(drawing._hold_together))


def draw_one_by_one(monkeypatch):
    """Let nobody hold several quotas by one statement, as if a shard had too little."""
    monkeypatch.setattr(drawing, "_hold_together", lambda *_: False)
