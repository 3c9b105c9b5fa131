"""What we do about what happened: paid orders are planned, parcels followed, sales counted."""

from datetime import datetime

from core.outbox.deliveries import settle
from core.transactions import entry
from orders.placement.selectors import history
from orders.placement.services import fulfilment, lifecycle
from shops.catalogue.services import cards


@entry
def on_order_paid(*, delivery_id: int, now: datetime) -> None:
    """Plan what has to be sent."""
    if told := settle(delivery_id, now=now):
        fulfilment.plan(told.order_reference, now=now)


@entry
def on_coupon_voided(*, delivery_id: int, now: datetime) -> None:
    """Close the unpaid order that had locked the coupon: whoever closes overdue ones takes it."""
    if told := settle(delivery_id, now=now):
        lifecycle.call_in(told.order_reference, now=now)


@entry
def on_parcel_moved(*, delivery_id: int, now: datetime) -> None:
    """Bring the shop order to where its parcels are."""
    if told := settle(delivery_id, now=now):
        fulfilment.follow(told.shop_order_reference, now=now)


@entry
def on_shop_order_completed(*, delivery_id: int, now: datetime) -> None:
    """Count the pieces as sold on the cards of their products."""
    if told := settle(delivery_id, now=now):
        cards.add_sold(history.pieces_by_product(told.shop_order_reference))
