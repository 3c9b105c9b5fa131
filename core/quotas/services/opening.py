"""How much there is of something: open, top up, shrink, split."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from core.money import allocate
from core.quotas.models import RANKS, Kind, Quota, QuotaShard
from core.quotas.services import drawing
from core.transactions import needs_transaction

SHARDS_MAX = 64


@dataclass(frozen=True, slots=True)
class Opening:
    """A quota to open: what is counted, how much of it, over how many shards."""

    kind: Kind
    total: int
    shards: int = 1


@needs_transaction
def open_quota(kind: Kind, *, total: int, shards: int = 1) -> int:
    """Open a quota; return its id."""
    return open_many([Opening(kind, total, shards)])[0]


@needs_transaction
def open_many(openings: Sequence[Opening]) -> list[int]:
    """Open many quotas with two statements; return their ids in the same order."""
    for opening in openings:
        if opening.total < 0 or not 1 <= opening.shards <= SHARDS_MAX:
            raise ValueError(f"no such quota: {opening}")
    quotas = Quota.objects.bulk_create(
        Quota(kind=opening.kind, rank=RANKS[Kind(opening.kind)], shards=opening.shards)
        for opening in openings
    )
    QuotaShard.objects.bulk_create(
        QuotaShard(quota=quota, number=number, total=total)
        for quota, opening in zip(quotas, openings, strict=True)
        for number, total in enumerate(_evenly(opening.total, opening.shards))
    )
    return [quota.pk for quota in quotas]


@needs_transaction
def top_up(quota_id: int, amount: int) -> None:
    """Add to a quota, evenly over its shards."""
    if amount <= 0:
        raise ValueError(f"top_up: {amount}")
    shards = drawing.lock_shards(quota_id)
    parts = _evenly(amount, len(shards))
    _change_totals({shard.id: part for shard, part in zip(shards, parts, strict=True)})


@needs_transaction
def shrink(quota_id: int, amount: int) -> None:
    """Take away from what is free.

    Raises:
        drawing.Exhausted: less than that is free.
    """
    if amount <= 0:
        raise ValueError(f"shrink: {amount}")
    shards = drawing.lock_shards(quota_id)
    parts = drawing.spread(quota_id, amount, shards)
    _change_totals({shard_id: -part for shard_id, part in parts.items()})


@needs_transaction
def split(quota_id: int, shards: int) -> None:
    """Spread a quota at rest over more shards, so that each has as much free as the others."""
    present = drawing.lock_shards(quota_id)
    if not len(present) <= shards <= SHARDS_MAX:
        raise ValueError(f"split: {len(present)} shards into {shards}")
    QuotaShard.objects.bulk_create(
        QuotaShard(quota_id=quota_id, number=number, total=0)
        for number in range(len(present), shards)
    )
    parts = _evenly(sum(shard.free for shard in present), shards)
    every = drawing.lock_shards(quota_id)
    _change_totals({shard.id: part - shard.free for shard, part in zip(every, parts, strict=True)})
    Quota.objects.filter(pk=quota_id).update(shards=shards)


def _evenly(amount: int, shards: int) -> list[int]:
    return allocate(amount, [1] * shards)


# Only for shards that this transaction has locked in order: the statement itself locks in none.
_CHANGE_TOTALS = """
    UPDATE quotas_quotashard AS shard SET total = shard.total + change.amount
    FROM unnest(%s::bigint[], %s::bigint[]) AS change (id, amount)
    WHERE shard.id = change.id AND change.amount <> 0
"""


def _change_totals(changes: dict[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE_TOTALS, [list(changes), list(changes.values())])
