"""What placement tells: ids and facts, in the past tense."""

from dataclasses import dataclass

from core.outbox.events import event


@event("placement.order_paid")
@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The buyer's money is there; the goods can go."""

    order_reference: str


@event("placement.shop_order_completed")
@dataclass(frozen=True, slots=True)
class ShopOrderCompleted:
    """The buyer has the goods of one shop and is content, or the time to object has passed."""

    order_reference: str
    shop_order_reference: str
