"""How much there is of something: open, top up, shrink, split."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.money import allocate
from core.quotas.models import RANKS, Kind, Quota, QuotaShard
from core.quotas.services import drawing
from core.quotas.services import shards as parts
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
    """Add to a quota."""
    if amount <= 0:
        raise ValueError(f"top_up: {amount}")
    locked = parts.lock(quota_id)
    parts.level(quota_id, locked, parts.free_of(locked) + amount)


@needs_transaction
def shrink(quota_id: int, amount: int) -> None:
    """Take away from what is free.

    Raises:
        drawing.Exhausted: less than that is free.
    """
    if amount <= 0:
        raise ValueError(f"shrink: {amount}")
    locked = parts.lock(quota_id)
    left = parts.free_of(locked)
    if left < amount:
        raise drawing.Exhausted(quota_id, amount, left)
    parts.level(quota_id, locked, left - amount)


@needs_transaction
def move(source_id: int, target_id: int, amount: int | None = None) -> int:
    """Move what is free of one quota to another: an amount, or everything; return how much.

    Raises:
        drawing.Exhausted: less than the amount is free.
    """
    # By rank and id, like everybody who wants two quotas.
    quotas = Quota.objects.filter(pk__in=(source_id, target_id)).order_by("rank", "pk")
    locked = {quota_id: parts.lock(quota_id) for quota_id in quotas.values_list("pk", flat=True)}
    left = parts.free_of(locked[source_id])
    moved = left if amount is None else amount
    if moved < 0 or left < moved:
        raise drawing.Exhausted(source_id, moved, left)
    if moved:
        parts.level(source_id, locked[source_id], left - moved)
        parts.level(target_id, locked[target_id], parts.free_of(locked[target_id]) + moved)
    return moved


@needs_transaction
def split(quota_id: int, shards: int) -> None:
    """Spread a quota at rest over more shards, so that each has as much free as the others."""
    present = parts.lock(quota_id)
    if not len(present) <= shards <= SHARDS_MAX:
        raise ValueError(f"split: {len(present)} shards into {shards}")
    QuotaShard.objects.bulk_create(
        QuotaShard(quota_id=quota_id, number=number, total=0)
        for number in range(len(present), shards)
    )
    Quota.objects.filter(pk=quota_id).update(shards=shards)
    parts.level(quota_id, parts.lock(quota_id), parts.free_of(present))


def _evenly(amount: int, shards: int) -> list[int]:
    return allocate(amount, [1] * shards)
