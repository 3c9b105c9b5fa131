"""How much there is to sell: every change is a row that says why."""

from datetime import datetime

from core.audit.actors import Actor
from core.errors import DomainError
from core.quotas.services import drawing, opening
from core.transactions import needs_transaction
from shops.catalogue.models import Sku, StockAdjustment


class StockTooLow(DomainError):
    """Less than that is free: the rest is sold or set aside for orders."""

    code = "STOCK_TOO_LOW"
    zh = "可用库存不足：其余库存已售出或已被订单占用。"


@needs_transaction
def adjust(sku: Sku, change: int, *, reason: str, actor: Actor, now: datetime) -> StockAdjustment:
    """Add to a stock or take from what is free of it, and write down why.

    Raises:
        StockTooLow: less than that is neither sold nor set aside.
    """
    # The row first, the contended quota last: the one lock order.
    row = _note(sku, change, reason, actor, now)
    if change > 0:
        opening.top_up(sku.stock_quota_id, change)
        return row
    try:
        opening.shrink(sku.stock_quota_id, -change)
    except drawing.Exhausted as exhausted:
        raise StockTooLow(**exhausted.facts) from exhausted
    return row


@needs_transaction
def set_apart(
    sku: Sku, pieces: int, quota_id: int, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Move pieces out of a stock into a quota of their own, and write down why.

    Raises:
        StockTooLow: less than that is neither sold nor set aside.
    """
    _note(sku, -pieces, reason, actor, now)
    try:
        opening.move(sku.stock_quota_id, quota_id, pieces)
    except drawing.Exhausted as exhausted:
        raise StockTooLow(**exhausted.facts) from exhausted


@needs_transaction
def take_back(sku: Sku, quota_id: int, *, reason: str, actor: Actor, now: datetime) -> int:
    """Move what is free of such a quota back into the stock; return how much."""
    back = opening.move(quota_id, sku.stock_quota_id)
    if back:
        _note(sku, back, reason, actor, now)
    return back


@needs_transaction
def spread(sku: Sku, shards: int) -> None:
    """Spread a stock that many people want at once over several shards."""
    opening.split(sku.stock_quota_id, shards)


def _note(sku: Sku, change: int, reason: str, actor: Actor, now: datetime) -> StockAdjustment:
    return StockAdjustment.objects.create(
        sku=sku,
        change=change,
        reason=reason,
        actor_id=actor.user_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        at=now,
    )
