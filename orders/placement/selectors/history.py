"""Orders as they were: for their buyers, for the shops, for the handlers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet, Sum

from core.accounts.sealing import MASK, mask_name, mask_phone
from core.errors import NotFound
from orders.placement.domain import actions
from orders.placement.domain.states import OVER, ShopOrderState
from orders.placement.models import LineDiscount, Order, OrderLine, ShopOrder
from orders.placement.selectors import shown
from orders.placement.selectors.promises import Deadlines
from shops.storefronts.domain.licensing import Fulfilment

# Nothing is to be sent now, so the shop need not know where to.
_NOTHING_TO_SEND = OVER | {
    ShopOrderState.PENDING_PAYMENT,
    ShopOrderState.WAIT_BALANCE,
    ShopOrderState.WAIT_TEAM,
    ShopOrderState.SIGNED,
}


def orders_of(buyer_id: int, state: str | None = None) -> QuerySet[Order]:
    """Return a buyer's orders, ready to be shown with their parts and lines."""
    mine = Order.objects.filter(buyer_id=buyer_id).prefetch_related(
        Prefetch("shop_orders", _parts())
    )
    return mine.filter(state=state) if state else mine


def order(*, buyer_id: int, reference: UUID) -> Order:
    """Return one order of a buyer, ready to be shown.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
    """
    try:
        return orders_of(buyer_id).get(reference=reference)
    except Order.DoesNotExist:
        raise NotFound(subject="order") from None


def summary(*, buyer_id: int, reference: UUID) -> dict[str, Any]:
    """Return what became of an order, in three words.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
    """
    rows = Order.objects.filter(buyer_id=buyer_id, reference=reference)
    found = rows.values("reference", "number", "state").first()
    if found is None:
        raise NotFound(subject="order")
    return {"id": found["reference"], "number": found["number"], "state": found["state"]}


def shop_order(*, buyer_id: int, reference: UUID) -> ShopOrder:
    """Return one shop's part of a buyer's order, ready to be shown.

    Raises:
        NotFound: there is no such part, or it is somebody else's.
    """
    try:
        mine = _parts().select_related("order")
        return mine.get(reference=reference, order__buyer_id=buyer_id)
    except ShopOrder.DoesNotExist:
        raise NotFound(subject="shop order") from None


def shop_orders_of(shop_id: int, state: str | None = None) -> QuerySet[ShopOrder]:
    """Return what a shop has to send or has sent, ready to be shown."""
    rows = _parts().filter(shop_id=shop_id).select_related("order")
    return rows.filter(state=state) if state else rows


def for_seller(part: ShopOrder, deadlines: Deadlines, now: datetime) -> dict[str, Any]:
    """Return a shop order as its shop sees it.

    Who the buyer is can be read only by a shop that posts the parcels, and only until they have
    arrived; everybody else sees the county.
    """
    to = part.order
    address = {"region": to.region, "recipient": mask_name(to.recipient)}
    address |= {"phone": mask_phone(to.phone), "street": MASK}
    if part.fulfilment == Fulfilment.SELF and part.state not in _NOTHING_TO_SEND:
        address |= {"recipient": to.recipient, "phone": to.phone, "street": to.street}
    return shown.shop_order_of(part, deadlines) | {
        "address": address,
        "remark": to.remark,
        "placed_at": part.placed_at,
        "paid_at": part.paid_at,
        "allowed_actions": actions.of_seller(part.state, part.fulfilment),
        "server_time": now,
    }


def pieces_by_product(shop_order_reference: str) -> dict[int, int]:
    """Return how many pieces of each product a shop order sold."""
    rows = (
        OrderLine.objects.filter(shop_order__reference=shop_order_reference)
        .values("product_id")
        .annotate(pieces=Sum("quantity"))
        .order_by("product_id")
    )
    return {row["product_id"]: row["pieces"] for row in rows}


def _parts() -> QuerySet[ShopOrder]:
    lines = OrderLine.objects.select_related("sku", "product").order_by("position")
    discounts = LineDiscount.objects.select_related("reduction").order_by("id")
    return (
        ShopOrder.objects.select_related("shop")
        .prefetch_related(
            Prefetch("lines", lines.prefetch_related(Prefetch("discounts", discounts)))
        )
        .order_by("id")
    )
