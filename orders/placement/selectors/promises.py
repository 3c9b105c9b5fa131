"""By when each shop has to send its part: dispatch holds on the way move it and write nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from logistics.freight.domain import promising
from logistics.freight.selectors import holds
from orders.placement.models import Order, OrderLine, ShopOrder

# By the id of a part; none while it is not released, and none that a hold without an end keeps off.
Deadlines = Mapping[int, datetime | None]


def of_orders(orders: Iterable[Order]) -> Deadlines:
    """Return the ship deadlines of stored orders, whose parts and lines are at hand."""
    return of_parts(part for order in orders for part in order.shop_orders.all())


def of_parts(parts: Iterable[ShopOrder]) -> Deadlines:
    """Return the ship deadlines of stored parts, whose orders and lines are at hand."""
    listed = list(parts)
    return deadlines(listed, (line for part in listed for line in part.lines.all()))


def deadlines(parts: Iterable[ShopOrder], lines: Iterable[OrderLine]) -> Deadlines:
    """Return the ship deadline of every part that is released, with one statement or none.

    Wherever one of its lines comes from, a hold there stops the clock of the whole part.
    """
    released = {part.pk: (part, at) for part in parts if (at := part.released_at) is not None}
    if not released:
        return {}
    ways = {key: {part.order.region} for key, (part, _) in released.items()}
    for line in lines:
        if line.shop_order_id in ways:
            ways[line.shop_order_id].add(line.origin_county)
    windows = holds.windows(ways, since=min(at for _, at in released.values()))
    return {
        key: promising.ship_deadline(at, part.promise_hours, windows[key])
        for key, (part, at) in released.items()
    }
