"""Orders for tests, brought to their state by the services that lead there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from core.accounts.models import User
from core.audit.actors import SYSTEM, Actor
from marketplace.coupons.models import UserCoupon
from orders.placement.models import Order, ShopOrder
from orders.placement.selectors import quotes
from orders.placement.selectors.quotes import Coupons, Wanted
from orders.placement.services import completion, fulfilment, lifecycle, placement
from shops.catalogue.models import Product
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product

PLACED = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
Line = tuple[Product, int]


def wanted(*lines: Line) -> list[Wanted]:
    """Return products and quantities as lines; each product's first SKU."""
    return [
        Wanted(str(product.skus.order_by("id").first().reference), quantity)
        for product, quantity in lines
    ]


def a_checkout(
    buyer: User,
    lines: Sequence[Line],
    coupons: Sequence[UserCoupon] = (),
    now: datetime = PLACED,
    **changes: Any,
) -> placement.Checkout:
    """Return a decision at the price that the market quotes at this moment."""
    references = [coupon.reference for coupon in coupons]
    address = an_address(buyer)
    quote = quotes.quote(
        buyer_id=buyer.pk,
        wanted=wanted(*lines),
        region=address.region,
        coupons=Coupons(references),
        now=now,
    )
    facts: dict[str, Any] = {
        "address": address.reference,
        "expected_payable_fen": quote.price.payable_fen,
        "lines": wanted(*lines),
        "coupons": references,
    }
    return placement.Checkout(**facts | changes)


def place(buyer: User, checkout: placement.Checkout, now: datetime = PLACED) -> Order:
    """Place an order in a transaction of its own."""
    with transaction.atomic():
        return placement.place_order(buyer.pk, checkout, actor=Actor(buyer.pk), now=now).order


def an_order(
    buyer: User | None = None,
    lines: Sequence[Line] | None = None,
    paid: bool = False,
    coupons: Sequence[UserCoupon] = (),
    now: datetime = PLACED,
) -> Order:
    """Return an order of one product, or of the given ones, unpaid or paid."""
    buyer = buyer or a_user()
    order = place(buyer, a_checkout(buyer, lines or [(a_product(), 1)], coupons, now), now)
    return paid_for(order, now) if paid else order


def paid_for(order: Order, now: datetime = PLACED) -> Order:
    """Take note that an order's money is there."""
    with transaction.atomic():
        lifecycle.mark_paid(order.pk, provider="sandbox", now=now)
    order.refresh_from_db()
    return order


def planned(order: Order, now: datetime = PLACED) -> Order:
    """Plan what a paid order has to send."""
    with transaction.atomic():
        fulfilment.plan(str(order.reference), now=now)
    return order


def completed(part: ShopOrder, now: datetime = PLACED) -> ShopOrder:
    """Complete a shop order that was signed for."""
    with transaction.atomic():
        completion.receive(
            buyer_id=part.order.buyer_id, shop_order_reference=part.reference, actor=SYSTEM, now=now
        )
    part.refresh_from_db()
    return part
