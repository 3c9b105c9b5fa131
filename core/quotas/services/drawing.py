"""Draw on quotas so that nobody ever overdraws them, however many draw at once.

Every demand is one guarded statement on one shard. Only where that refuses are the shards of the
quota locked, in shard order, and only if a snapshot of their sum says that there is enough left.
Quotas are drawn on by rank, then id, so that two transactions queue up instead of deadlocking.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

from django.db import connection

from core.errors import Busy, DomainError
from core.quotas.models import RANKS, Kind, Quota
from core.quotas.services import statements
from core.transactions import needs_transaction, refusing


class Exhausted(DomainError):
    """There is not enough left."""

    code = "QUOTA_EXHAUSTED"
    zh = "剩余数量不足。"

    def __init__(self, quota_id: int, asked: int, left: int) -> None:
        super().__init__(f"asked {asked}, left {left}", asked=asked, left=left)
        self.quota_id = quota_id
        self.asked = asked
        self.left = left


class HoldTooSmall(DomainError):
    """Less is held or spent than was to be moved."""

    code = "HOLD_TOO_SMALL"
    zh = "占用的数量不足。"


@dataclass(frozen=True, slots=True)
class Demand:
    """So much of one quota; with its kind stated, the lock order needs no look-up."""

    quota_id: int
    amount: int
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard that this transaction has locked."""

    id: int
    free: int
    spent: int


@dataclass(frozen=True, slots=True)
class Move:
    """How a verb changes the counters of a hold, and those of its shard with them."""

    source: str
    to_held: int
    to_spent: int
    to_returned: int
    once: bool = False


@needs_transaction
def hold(demands: Iterable[Demand], *, owner: str) -> None:
    """Set aside everything that is demanded, or nothing; once per owner, quota by quota.

    Raises:
        Exhausted: one of the quotas has less left than is asked; the transaction must unwind.
        Busy: the same owner is holding the same quota at this very moment.
    """
    amounts: dict[int, int] = {}
    kinds: dict[int, Kind | None] = {}
    for demand in demands:
        if demand.amount < 0:
            raise ValueError(f"hold: {demand}")
        if demand.amount:
            amounts[demand.quota_id] = amounts.get(demand.quota_id, 0) + demand.amount
            kinds[demand.quota_id] = demand.kind
    for quota_id in _in_lock_order(kinds):
        _hold_one(quota_id, amounts[quota_id], owner)


@needs_transaction
def release(
    *,
    owner: str,
    quota_ids: Collection[int] | None = None,
    amounts: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Free what the owner still holds: everything, of some quotas, or amounts by quota.

    Returns what was freed by quota; a repeated call frees nothing more.

    Raises:
        HoldTooSmall: something, but less than the amount, is held.
    """
    return _move(Move("held", -1, 0, 1), [owner], quota_ids, amounts)


@needs_transaction
def release_many(owners: Sequence[str]) -> None:
    """Free whatever these owners still hold, with one statement."""
    if owners:
        _move(Move("held", -1, 0, 1), owners)


@needs_transaction
def spend(*, owner: str, amounts: Mapping[int, int] | None = None) -> dict[int, int]:
    """Turn what is held into spent: everything, or amounts by quota while the rest stays held.

    Returns what was spent by quota. With amounts, a hold that was spent before is left alone.

    Raises:
        HoldTooSmall: something, but less than the amount, is held.
    """
    return _move(Move("held", -1, 1, 0, once=amounts is not None), [owner], None, amounts)


@needs_transaction
def unspend(*, owner: str, amounts: Mapping[int, int] | None = None) -> dict[int, int]:
    """Turn what was spent back into held: everything, or amounts by quota.

    Raises:
        HoldTooSmall: something, but less than the amount, is spent.
    """
    return _move(Move("spent", 1, -1, 0), [owner], None, amounts)


@needs_transaction
def give_back(*, owner: str, amounts: Mapping[int, int] | None = None) -> dict[int, int]:
    """Free what was spent: everything, or amounts by quota.

    Raises:
        HoldTooSmall: something, but less than the amount, is spent.
    """
    return _move(Move("spent", 0, -1, 1), [owner], None, amounts)


@needs_transaction
def take(quota_id: int, amount: int = 1) -> None:
    """Spend at once, leaving it to the caller's own row to explain what for.

    Raises:
        Exhausted: less than that is left.
    """
    if amount <= 0:
        raise ValueError(f"take: {amount}")
    asked = {"quota_id": quota_id, "amount": amount}
    if _first(statements.TAKE, asked):
        return
    _refuse_if_sold_out(quota_id, amount)
    parts = spread(quota_id, amount, lock_shards(quota_id))
    _run(statements.TAKE_LOCKED, {"shards": list(parts), "parts": list(parts.values())})


@needs_transaction
def untake(quota_id: int, amount: int = 1) -> None:
    """Free what was taken without a hold, in a quota that nobody holds.

    The caller's own row stops explaining it.
    """
    if amount <= 0:
        raise ValueError(f"untake: {amount}")
    shards = lock_shards(quota_id)
    if sum(shard.spent for shard in shards) < amount:
        raise ValueError(f"untake: {amount} were never taken from quota {quota_id}")
    parts = _fill(amount, [(shard.id, shard.spent) for shard in shards])
    back = [-part for part in parts.values()]
    _run(statements.TAKE_LOCKED, {"shards": list(parts), "parts": back})


def lock_shards(quota_id: int) -> list[Shard]:
    """Lock all shards of a quota in shard order; return them."""
    with connection.cursor() as cursor:
        cursor.execute(statements.LOCK, [quota_id])
        return [Shard(*row) for row in cursor.fetchall()]


def spread(quota_id: int, amount: int, shards: Sequence[Shard]) -> Mapping[int, int]:
    """Choose how much of each locked shard covers an amount: `{shard id: part}`.

    Raises:
        Exhausted: they have less free altogether.
    """
    left = sum(shard.free for shard in shards)
    if left < amount:
        raise Exhausted(quota_id, amount, left)
    return _fill(amount, [(shard.id, shard.free) for shard in shards])


def _move(
    move: Move,
    owners: Sequence[str],
    quota_ids: Collection[int] | None = None,
    amounts: Mapping[int, int] | None = None,
) -> dict[int, int]:
    if amounts is not None:
        if any(amount < 0 for amount in amounts.values()):
            raise ValueError(f"never negative: {amounts}")
        quota_ids = list(amounts)
    parameters = {
        **asdict(move),
        "owners": list(owners),
        "quota_ids": None if quota_ids is None else list(quota_ids),
        "amounts": None if amounts is None else list(amounts.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.MOVE, parameters)
        moved: dict[int, int] = dict(cursor.fetchall())
    for quota_id, amount in (amounts or {}).items():
        if 0 < moved.get(quota_id, 0) < amount:
            raise HoldTooSmall(asked=amount, there=moved[quota_id])
    return moved


def _in_lock_order(kinds: Mapping[int, Kind | None]) -> list[int]:
    if len(kinds) < 2:
        return list(kinds)
    ranks = {quota_id: RANKS[kind] for quota_id, kind in kinds.items() if kind}
    if len(ranks) < len(kinds):
        ranks = dict(Quota.objects.filter(pk__in=kinds).values_list("id", "rank"))
    return sorted(kinds, key=lambda quota_id: (ranks[quota_id], quota_id))


def _hold_one(quota_id: int, amount: int, owner: str) -> None:
    asked = {
        "quota_id": quota_id,
        "amount": amount,
        "owner": owner,
        "hash": crc32(owner.encode()),
    }
    # A twin of this owner came between our look and our row: it draws, we come again later.
    with refusing({"quotas_quotahold_owner_once_per_shard": Busy}):
        if _first(statements.HOLD, asked):
            return
        _refuse_if_sold_out(quota_id, amount, owner)
        shards = lock_shards(quota_id)
        if _first(statements.IS_HELD, [owner, quota_id]):
            return
        parts = spread(quota_id, amount, shards)
        _run(statements.HOLD_LOCKED, asked | {"shards": list(parts), "parts": list(parts.values())})


def _refuse_if_sold_out(quota_id: int, amount: int, owner: str = "") -> None:
    left = int(_first(statements.LEFT, [quota_id]))
    if left < amount and not (owner and _first(statements.IS_HELD, [owner, quota_id])):
        raise Exhausted(quota_id, amount, left)


def _fill(amount: int, room: Sequence[tuple[int, int]]) -> dict[int, int]:
    parts: dict[int, int] = {}
    for shard_id, available in room:
        part = min(amount, max(0, available))
        if part:
            parts[shard_id] = part
            amount -= part
    return parts


def _first(sql: str, parameters: Mapping[str, Any] | Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else 0


def _run(sql: str, parameters: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
