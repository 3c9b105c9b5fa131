"""From a paid order to a signature: parcels are planned, and what carriers report is followed."""

from datetime import datetime, timedelta

from core.audit.actors import SYSTEM
from core.audit.advancing import Rows, advance
from core.http import logs
from core.transactions import needs_transaction
from logistics.parcels.services import planning
from marketplace.coupons.services import redemption
from orders.placement.domain.states import SHOP_ORDER, ShopOrderState
from orders.placement.models import Order, OrderLine, ShopOrder
from orders.placement.selectors import journeys
from shops.storefronts.domain.licensing import Fulfilment


@needs_transaction
def plan(order_reference: str, *, now: datetime) -> None:
    """Make a paid order ready to be sent; where the platform ships, plan its parcels."""
    order = Order.objects.get(reference=order_reference)
    logs.bind(order_number=order.number)
    # The compare-and-set comes first: what was undone meanwhile is not planned any more.
    moved = advance(
        Rows(ShopOrder, "order_id", order.pk), SHOP_ORDER, "plan", actor=SYSTEM, now=now
    )
    parts = ShopOrder.objects.filter(pk__in=moved, fulfilment=Fulfilment.PLATFORM)
    for part in parts.prefetch_related("lines__sku").order_by("pk"):
        planning.plan(
            shop_order_reference=str(part.reference),
            shop_id=part.shop_id,
            contents=[content_of(line, line.quantity) for line in part.lines.all()],
            to=destination_of(order),
            now=now,
        )


@needs_transaction
def follow(shop_order_reference: str, *, now: datetime) -> None:
    """Bring a shop order to where its parcels are, whichever report came first or twice."""
    # Reports on two parcels of one shop order queue up here; each then reads what both wrote.
    part = (
        ShopOrder.objects.select_for_update(of=("self",), no_key=True)
        .select_related("order")
        .get(reference=shop_order_reference)
    )
    logs.bind(order_number=part.order.number)
    progress = journeys.progress(part.pk, part.reference)
    row = Rows(ShopOrder, "id", part.pk)
    was_at_home = part.state == ShopOrderState.TO_SHIP
    if progress.is_all_shipped:
        advance(row, SHOP_ORDER, "ship", actor=SYSTEM, now=now, shipped_at=now)
    elif progress.is_any_shipped:
        advance(row, SHOP_ORDER, "ship_part", actor=SYSTEM, now=now)
    if progress.signed_at is not None:
        confirm_at = progress.signed_at + timedelta(minutes=part.confirm_minutes)
        advance(
            row,
            SHOP_ORDER,
            "sign",
            actor=SYSTEM,
            now=now,
            signed_at=progress.signed_at,
            confirm_at=confirm_at,
            next_attempt_at=confirm_at,
        )
    if was_at_home and progress.is_any_shipped:
        # From here on the coupons cannot come back.
        redemption.release_spare(str(part.order.reference), now=now)


def content_of(line: OrderLine, quantity: int) -> planning.Content:
    """Return so many pieces of a line as a parcel carries them."""
    return planning.Content(
        line_reference=str(line.reference),
        sku_reference=str(line.sku.reference),
        title=line.title,
        quantity=quantity,
        gross_g=line.gross_weight_g // line.quantity * quantity,
        temp_class=line.temp_class,
    )


def destination_of(order: Order) -> planning.Destination:
    """Return where an order goes."""
    return planning.Destination(
        recipient=order.recipient, phone=order.phone, region=order.region, street=order.street
    )
