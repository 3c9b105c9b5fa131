"""Every counter of a quota is explained by rows."""

from collections.abc import Iterable

from django.db import connection

from core.quotas.models import Kind
from core.reconciling import Finding, found, invariant

_explanations: dict[tuple[Kind, str], str] = {}


def explains(kind: Kind, sql: str) -> None:
    """Register a query of rows `(quota id, amount)` that explain what was taken without a hold."""
    _explanations[kind, sql] = sql


@invariant("quotas.holds_explain_held")
def holds_explain_held() -> Iterable[Finding]:
    """Check every shard's held against the holds."""
    return found(
        """
        SELECT shard.id, shard.held, coalesce(part.held, 0) AS explained
        FROM quotas_quotashard AS shard
        LEFT JOIN (SELECT shard_id, sum(held) AS held FROM quotas_quotahold GROUP BY shard_id)
            AS part ON part.shard_id = shard.id
        WHERE shard.held <> coalesce(part.held, 0) ORDER BY shard.id
        """,
        "shard {id}",
        "held {held}, holds explain {explained}",
    )


@invariant("quotas.spent_is_explained")
def spent_is_explained() -> Iterable[Finding]:
    """Check every quota's spent against the holds and the rows of those who take without one."""
    explained = _by_quota("SELECT quota_id, sum(spent) FROM quotas_quotahold GROUP BY quota_id")
    for sql in _explanations.values():
        for quota_id, amount in _by_quota(sql).items():
            explained[quota_id] = explained.get(quota_id, 0) + amount
    spent = _by_quota("SELECT quota_id, sum(spent) FROM quotas_quotashard GROUP BY quota_id")
    for quota_id in sorted(spent.keys() | explained.keys()):
        counted, told = spent.get(quota_id, 0), explained.get(quota_id, 0)
        if counted != told:
            yield Finding(f"quota {quota_id}", f"spent {counted}, rows explain {told}")


@invariant("quotas.shards_are_numbered")
def shards_are_numbered() -> Iterable[Finding]:
    """Check that every quota has the shards it counts on, numbered from 0."""
    return found(
        """
        SELECT quota.id, quota.shards, count(shard.id) AS present
        FROM quotas_quota AS quota LEFT JOIN quotas_quotashard AS shard
            ON shard.quota_id = quota.id AND shard.number < quota.shards
        GROUP BY quota.id HAVING count(shard.id) <> quota.shards
            OR EXISTS (SELECT FROM quotas_quotashard AS far
                       WHERE far.quota_id = quota.id AND far.number >= quota.shards)
        ORDER BY quota.id
        """,
        "quota {id}",
        "counts on shards 0 to {shards}, {present} of them are there",
    )


@invariant("quotas.holds_stand_on_their_quota")
def holds_stand_on_their_quota() -> Iterable[Finding]:
    """Check that a hold names the quota of its shard."""
    return found(
        """
        SELECT hold.id, hold.quota_id, shard.quota_id AS other FROM quotas_quotahold AS hold
        JOIN quotas_quotashard AS shard ON shard.id = hold.shard_id
        WHERE hold.quota_id <> shard.quota_id ORDER BY hold.id
        """,
        "hold {id}",
        "names quota {quota_id}, its shard is of quota {other}",
    )


def _by_quota(sql: str) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {quota_id: int(amount) for quota_id, amount in cursor.fetchall()}
