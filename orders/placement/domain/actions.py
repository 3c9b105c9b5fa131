"""What a buyer or a seller may do with an order now; the API says it, the state tables decide."""

from collections.abc import Collection

from orders.placement.domain.states import BEFORE_HAND_OVER, OrderState, ShopOrderState
from shops.storefronts.domain.licensing import Fulfilment

POSTABLE = frozenset({ShopOrderState.TO_SHIP, ShopOrderState.PARTLY_SHIPPED})


def of_buyer(order_state: str, shop_order_states: Collection[str]) -> list[str]:
    """Return what the buyer may do with the whole order."""
    if order_state == OrderState.PENDING_PAYMENT:
        # A deposit does not come back by cancelling.
        if ShopOrderState.WAIT_BALANCE in shop_order_states:
            return ["pay"]
        return ["cancel", "pay"]
    if order_state == OrderState.PAID and set(shop_order_states) <= BEFORE_HAND_OVER:
        return ["cancel"]
    return []


def of_receiver(shop_order_state: str) -> list[str]:
    """Return what the buyer may do with one shop's part."""
    return ["receive"] if shop_order_state == ShopOrderState.SIGNED else []


def of_seller(shop_order_state: str, fulfilment: str) -> list[str]:
    """Return what the shop may do with its part."""
    is_own_post = fulfilment == Fulfilment.SELF and shop_order_state in POSTABLE
    return ["post_parcel"] if is_own_post else []
