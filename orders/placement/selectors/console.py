"""Orders as an operator sees them in the console: everything but who the buyer is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from core.accounts.domain.roles import Role
from core.accounts.sealing import MASK, mask_phone
from core.console import reach
from logistics.parcels.selectors import parcels
from logistics.parcels.selectors.parcels import ParcelFacts
from orders.placement.models import LineDiscount, Order, OrderLine, ShopOrder
from orders.placement.selectors import promises

NAME_CHARACTERS = 1


@dataclass(frozen=True, slots=True)
class Takings:
    """What was ordered and paid since an instant."""

    placed: int
    paid: int
    paid_fen: int


def orders_for(user: Any) -> QuerySet[Order]:
    """Return the orders an operator looks after: all of them, or none."""
    rows = Order.objects.select_related("buyer").defer("recipient", "phone", "street")
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def shop_orders_for(user: Any) -> QuerySet[ShopOrder]:
    """Return every shop's part of every order, for an operator."""
    rows = ShopOrder.objects.select_related("shop", "order").defer(
        "order__recipient", "order__phone", "order__street"
    )
    return rows if reach.holds(user, Role.OPERATOR) else rows.none()


def parts_of(order: Order) -> list[ShopOrder]:
    """Return the parts of an order, with their lines and discounts."""
    return list(_with_lines(ShopOrder.objects.filter(order=order)))


def part(key: int) -> ShopOrder:
    """Return one part of an order, with its lines and discounts."""
    return _with_lines(ShopOrder.objects.filter(pk=key)).get()


def _with_lines(parts: QuerySet[ShopOrder]) -> QuerySet[ShopOrder]:
    discounts = LineDiscount.objects.select_related("batch", "reduction").order_by("id")
    lines = OrderLine.objects.order_by("position").prefetch_related(
        Prefetch("discounts", discounts)
    )
    return parts.select_related("shop").prefetch_related(Prefetch("lines", lines)).order_by("id")


def parcels_of(parts: list[ShopOrder]) -> dict[str, list[ParcelFacts]]:
    """Return the parcels of each part that are not called back."""
    return parcels.of_shop_order([str(part.reference) for part in parts])


def ship_deadline_of(part: ShopOrder) -> datetime | None:
    """Return by when a shop has to send its part, where that is known."""
    return promises.of_parts([part]).get(part.pk)


def address_of(order: Order) -> tuple[str, str, str]:
    """Return recipient, phone and street as the office may see them: masked."""
    sealed = Order.objects.only("recipient", "phone").get(pk=order.pk)
    return sealed.recipient[:NAME_CHARACTERS] + MASK, mask_phone(sealed.phone), MASK


def takings_for(user: Any, since: datetime) -> Takings | None:
    """Return what was ordered and paid since an instant; None for whoever may not know."""
    # What the whole country takes is not for a region to know.
    if not reach.holds(user, Role.OPERATOR) and reach.scope(user, Role.REPORTS) is not None:
        return None
    paid = Q(paid_at__gte=since)
    found = Order.objects.filter(Q(placed_at__gte=since) | paid).aggregate(
        placed=Count("pk", filter=Q(placed_at__gte=since)),
        paid=Count("pk", filter=paid),
        paid_fen=Sum("payable_fen", filter=paid, default=0),
    )
    return Takings(found["placed"], found["paid"], int(found["paid_fen"]))


def newest_for(user: Any, limit: int) -> list[Order]:
    """Return the orders that came last."""
    return list(orders_for(user).order_by("-placed_at", "-id")[:limit])
