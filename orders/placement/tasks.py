from celery import shared_task
from django.utils import timezone

from core.outbox.consuming import consumer
from logistics.parcels.events import ParcelHandedOver, ParcelSigned
from marketplace.coupons.events import CouponVoided
from orders.placement import handlers
from orders.placement.events import OrderPaid, ShopOrderCompleted
from orders.placement.services import completion


@consumer(OrderPaid, queue="orders")
def plan_parcels(*, delivery_id: int, **_: object) -> None:
    handlers.on_order_paid(delivery_id=delivery_id, now=timezone.now())


@consumer(CouponVoided, queue="orders")
def call_in_order(*, delivery_id: int, **_: object) -> None:
    handlers.on_coupon_voided(delivery_id=delivery_id, now=timezone.now())


@consumer(ParcelHandedOver, ParcelSigned, queue="orders")
def follow_parcel(*, delivery_id: int, **_: object) -> None:
    handlers.on_parcel_moved(delivery_id=delivery_id, now=timezone.now())


@consumer(ShopOrderCompleted, queue="catalogue")
def count_sold(*, delivery_id: int, **_: object) -> None:
    handlers.on_shop_order_completed(delivery_id=delivery_id, now=timezone.now())


@shared_task(queue="deadlines")
def complete_due() -> None:
    completion.complete_due(now=timezone.now())
