"""What placement tells: ids and facts, in the past tense."""

from dataclasses import dataclass

from core.outbox.events import event


@event("placement.order_placed")
@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """Somebody ordered; stock and coupons are set aside until they pay."""

    order_reference: str


@event("placement.order_paid")
@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The buyer's money is there; the goods can go."""

    order_reference: str


@event("placement.order_cancelled")
@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """An unpaid order came to nothing; what it set aside is free again."""

    order_reference: str


@event("placement.order_closed")
@dataclass(frozen=True, slots=True)
class OrderClosed:
    """A paid order was undone before anything was handed over; the buyer gets it all back."""

    order_reference: str


@event("placement.shop_order_completed")
@dataclass(frozen=True, slots=True)
class ShopOrderCompleted:
    """The buyer has the goods of one shop and is content, or the time to object has passed."""

    order_reference: str
    shop_order_reference: str


@event("placement.order_completed")
@dataclass(frozen=True, slots=True)
class OrderCompleted:
    """Every shop's part of an order is completed or closed, one at least completed."""

    order_reference: str
