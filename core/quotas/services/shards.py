"""All shards of a quota, locked in shard order: only here does anybody wait for a second one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection
from psycopg.errors import SerializationFailure

from core.money import allocate
from core.quotas.services import statements


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard that this transaction has locked."""

    id: int
    free: int
    spent: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a quota looks like in passing: what is left, in how many shards, any locked by us."""

    left: int
    shards: int
    is_locked: bool


def look(quota_id: int) -> Look:
    """Return what a snapshot of the shards says, without a lock."""
    with connection.cursor() as cursor:
        cursor.execute(statements.LEFT, [quota_id])
        return Look(*cursor.fetchone())


def lock(quota_id: int) -> list[Shard]:
    """Lock all shards of a quota in shard order; return them."""
    with connection.cursor() as cursor:
        cursor.execute(statements.LOCK, [quota_id])
        return [Shard(*row) for row in cursor.fetchall()]


def lock_enough(quota_id: int, amount: int, seen: Look) -> list[Shard]:
    """Lock all shards; or, for who has one locked already, those that nobody is busy with.

    Raises:
        OperationalError: these are not enough to tell; the whole entry is repeated.
    """
    if not seen.is_locked:
        return lock(quota_id)
    with connection.cursor() as cursor:
        cursor.execute(statements.LOCK_WITHOUT_WAITING, [quota_id])
        locked = [Shard(*row) for row in cursor.fetchall()]
    if free_of(locked) < amount and len(locked) < seen.shards:
        raise OperationalError("others are busy with the rest") from SerializationFailure()
    return locked


def free_of(shards: Sequence[Shard]) -> int:
    """Return what is free of locked shards altogether."""
    return sum(shard.free for shard in shards)


def level(
    quota_id: int,
    shards: Sequence[Shard],
    free: int,
    *,
    held: Sequence[int] = (),
    spent: Sequence[int] = (),
    owner: str = "",
) -> None:
    """Lay so much free evenly over locked shards, besides what is held or spent of each now.

    Whoever has to lock them all leaves each of them something, so that the next ones need not.
    """
    nothing = [0] * len(shards)
    held, spent = held or nothing, spent or nothing
    parameters: dict[str, Any] = {
        "quota_id": quota_id,
        "owner": owner,
        "shards": [shard.id for shard in shards],
        "held": list(held),
        "spent": list(spent),
        "changes": [
            target - shard.free + more + used
            for target, shard, more, used in zip(
                allocate(free, [1] * len(shards)), shards, held, spent, strict=True
            )
        ],
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.LEVEL, parameters)
