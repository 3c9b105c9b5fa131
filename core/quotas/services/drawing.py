"""Draw on quotas so that nobody ever overdraws them, however many draw at once.

Every demand is one guarded statement on one shard; several are drawn by one statement where each
shard has enough. Where that refuses, a snapshot of the sum says whether it is sold out. If not,
another shard is tried without waiting; only then are all shards locked, in shard order. Quotas are
drawn on by rank, then id: two transactions queue up instead of deadlocking.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

from django.db import connection

from core.errors import Busy, DomainError
from core.quotas.models import RANKS, Kind, Quota
from core.quotas.services import shards, statements
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
    if len(amounts) > 1 and _hold_together(amounts, owner):
        return
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
    return _move_of(owner, Move("held", -1, 0, 1), quota_ids, amounts)


@needs_transaction
def release_many(owners: Sequence[str]) -> None:
    """Free whatever these owners still hold, with one statement."""
    if owners:
        _move(Move("held", -1, 0, 1), owners)


@needs_transaction
def release_amounts(amounts: Mapping[str, Mapping[int, int]]) -> None:
    """Free amounts that several owners hold, by owner and quota, with one statement.

    Raises:
        HoldTooSmall: something, but less than the amount, is held.
    """
    if amounts:
        _move(Move("held", -1, 0, 1), list(amounts), None, amounts)


@needs_transaction
def spend(*, owner: str, amounts: Mapping[int, int] | None = None) -> dict[int, int]:
    """Turn what is held into spent: everything, or amounts by quota while the rest stays held.

    Returns what was spent by quota. With amounts, a hold that was spent before is left alone.

    Raises:
        HoldTooSmall: something, but less than the amount, is held.
    """
    return _move_of(owner, Move("held", -1, 1, 0, once=amounts is not None), None, amounts)


@needs_transaction
def spend_many(amounts: Mapping[str, Mapping[int, int]]) -> None:
    """Turn amounts that several owners hold into spent, by owner and quota, with one statement.

    Raises:
        HoldTooSmall: something, but less than the amount, is held.
    """
    if amounts:
        _move(Move("held", -1, 1, 0, once=True), list(amounts), None, amounts)


@needs_transaction
def unspend(*, owner: str, amounts: Mapping[int, int] | None = None) -> dict[int, int]:
    """Turn what was spent back into held: everything, or amounts by quota.

    Raises:
        HoldTooSmall: something, but less than the amount, is spent.
    """
    return _move_of(owner, Move("spent", 1, -1, 0), None, amounts)


@needs_transaction
def give_back(*, owner: str, amounts: Mapping[int, int] | None = None) -> dict[int, int]:
    """Free what was spent: everything, or amounts by quota.

    Raises:
        HoldTooSmall: something, but less than the amount, is spent.
    """
    return _move_of(owner, Move("spent", 0, -1, 1), None, amounts)


@needs_transaction
def take(quota_id: int, amount: int = 1) -> None:
    """Spend at once, leaving it to the caller's own row to explain what for.

    Raises:
        Exhausted: less than that is left.
    """
    if amount <= 0:
        raise ValueError(f"take: {amount}")
    asked = {"quota_id": quota_id, "amount": amount, "die": secrets.randbits(31)}
    if _first(statements.TAKE, asked):
        return
    seen = shards.look(quota_id)
    if seen.left < amount:
        raise Exhausted(quota_id, amount, seen.left)
    if _first(statements.TAKE_ELSEWHERE, asked):
        return
    locked = shards.lock_enough(quota_id, amount, seen)
    free = _left_after(quota_id, amount, locked)
    shards.level(quota_id, locked, free, spent=_first_of(locked, amount))


@needs_transaction
def untake(quota_id: int, amount: int = 1) -> None:
    """Free what was taken without a hold, in a quota that nobody holds.

    The caller's own row stops explaining it.
    """
    if amount <= 0:
        raise ValueError(f"untake: {amount}")
    locked = shards.lock(quota_id)
    free, back = shards.free_of(locked) + amount, []
    for shard in locked:
        back.append(-min(amount, shard.spent))
        amount += back[-1]
    if amount:
        raise ValueError(f"untake: {amount} more than was taken from quota {quota_id}")
    shards.level(quota_id, locked, free, spent=back)


def _move_of(
    owner: str,
    move: Move,
    quota_ids: Collection[int] | None = None,
    amounts: Mapping[int, int] | None = None,
) -> dict[int, int]:
    moved = _move(move, [owner], quota_ids, None if amounts is None else {owner: amounts})
    return {quota_id: amount for (_, quota_id), amount in moved.items()}


def _move(
    move: Move,
    owners: Sequence[str],
    quota_ids: Collection[int] | None = None,
    amounts: Mapping[str, Mapping[int, int]] | None = None,
) -> dict[tuple[str, int], int]:
    wishes = [
        (owner, quota_id, amount)
        for owner, wished in (amounts or {}).items()
        for quota_id, amount in wished.items()
    ]
    if any(amount < 0 for _, _, amount in wishes):
        raise ValueError(f"never negative: {amounts}")
    if amounts is not None:
        quota_ids = {quota_id for _, quota_id, _ in wishes}
    parameters = {
        **asdict(move),
        "owners": list(owners),
        "quota_ids": None if quota_ids is None else list(quota_ids),
        "is_wished": amounts is not None,
        "wish_owners": [owner for owner, _, _ in wishes],
        "wish_quotas": [quota_id for _, quota_id, _ in wishes],
        "amounts": [amount for _, _, amount in wishes],
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.MOVE, parameters)
        moved = {(owner, quota_id): amount for owner, quota_id, amount in cursor.fetchall()}
    for owner, quota_id, amount in wishes:
        if 0 < moved.get((owner, quota_id), 0) < amount:
            raise HoldTooSmall(asked=amount, there=moved[owner, quota_id])
    return moved


def _in_lock_order(kinds: Mapping[int, Kind | None]) -> list[int]:
    if len(kinds) < 2:
        return list(kinds)
    ranks = {quota_id: RANKS[kind] for quota_id, kind in kinds.items() if kind}
    if len(ranks) < len(kinds):
        ranks = dict(Quota.objects.filter(pk__in=kinds).values_list("id", "rank"))
    return sorted(kinds, key=lambda quota_id: (ranks[quota_id], quota_id))


def _hold_together(amounts: Mapping[int, int], owner: str) -> bool:
    asked = {
        "quota_ids": list(amounts),
        "amounts": list(amounts.values()),
        "count": len(amounts),
        "owner": owner,
        "hash": crc32(owner.encode()),
    }
    with refusing({"quotas_quotahold_owner_once_per_quota": Busy}):
        return _first(statements.HOLD_TOGETHER, asked)


def _hold_one(quota_id: int, amount: int, owner: str) -> None:
    asked = {
        "quota_id": quota_id,
        "amount": amount,
        "owner": owner,
        "hash": crc32(owner.encode()),
    }
    # A twin of this owner came between our look and our row: it draws, we come again later.
    with refusing({"quotas_quotahold_owner_once_per_quota": Busy}):
        if not _first(statements.HOLD, asked):
            _hold_elsewhere(quota_id, amount, owner, asked)


def _hold_elsewhere(quota_id: int, amount: int, owner: str, asked: Mapping[str, Any]) -> None:
    seen = shards.look(quota_id)
    # A twin may have drawn the last of it for this very owner while we waited.
    if _first(statements.IS_HELD, asked):
        return
    if seen.left < amount:
        raise Exhausted(quota_id, amount, seen.left)
    if _first(statements.HOLD_ELSEWHERE, asked):
        return
    locked = shards.lock_enough(quota_id, amount, seen)
    if _first(statements.IS_HELD, asked):
        return
    free = _left_after(quota_id, amount, locked)
    shards.level(quota_id, locked, free, held=_first_of(locked, amount), owner=owner)


def _left_after(quota_id: int, amount: int, locked: Sequence[shards.Shard]) -> int:
    left = shards.free_of(locked)
    if left < amount:
        raise Exhausted(quota_id, amount, left)
    return left - amount


def _first_of(locked: Sequence[shards.Shard], amount: int) -> list[int]:
    return [amount, *[0] * (len(locked) - 1)]


def _first(sql: str, parameters: Mapping[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return bool(row and row[0])
