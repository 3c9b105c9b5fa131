"""What happens to shops."""

from dataclasses import dataclass

from core.outbox.events import event


@event("storefronts.shop_opened")
@dataclass(frozen=True, slots=True)
class ShopOpened:
    """A shop may sell from now on, for the first time or again."""

    shop_id: int
    shop_reference: str


@event("storefronts.shop_closed")
@dataclass(frozen=True, slots=True)
class ShopClosed:
    """A shop may not sell any more until it is opened again."""

    shop_id: int
    shop_reference: str
