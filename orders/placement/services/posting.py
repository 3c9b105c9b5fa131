"""A shop that ships by itself notes what it handed to a carrier."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.errors import DomainError, IllegalTransition, InvalidInput, NotFound
from core.transactions import needs_transaction
from logistics.parcels.services import planning
from orders.placement.domain.actions import POSTABLE
from orders.placement.domain.states import SHOP_ORDER
from orders.placement.models import OrderLine, ShopOrder
from orders.placement.selectors import journeys
from orders.placement.services import fulfilment
from shops.storefronts.domain.licensing import Fulfilment


class FulfilmentByPlatform(DomainError):
    """The platform ships for this shop; just hand the box over."""

    code = "FULFILMENT_BY_PLATFORM"
    zh = "该店铺由平台负责发货，只需把包裹交给揽收员。"


class NotLeftToShip(DomainError):
    """So many pieces are not left to be shipped."""

    code = "NOT_LEFT_TO_SHIP"
    zh = "待发货数量不足。"


@needs_transaction
def post_parcel(
    *,
    seller_id: int,
    shop_order_reference: UUID,
    carrier: str,
    waybill_no: str,
    quantities: Mapping[UUID, int] | None,
    actor: Actor,
    now: datetime,
) -> str:
    """Note a parcel with these pieces of each line, or with all that is left; return its id.

    Raises:
        NotFound: the shop order is of no shop the seller works in.
        FulfilmentByPlatform: the platform ships for this shop.
        IllegalTransition: nothing is to be shipped now.
        NotLeftToShip: more than is left, or nothing.
        InvalidInput: a line of another order, or lines that must not travel together.
        UnknownCarrier, WaybillTaken: as the parcels say.
    """
    part = _part_of(seller_id, shop_order_reference)
    if part.fulfilment != Fulfilment.SELF:
        raise FulfilmentByPlatform
    if part.state not in POSTABLE:
        raise IllegalTransition(subject=SHOP_ORDER.subject, action="post_parcel")
    lines = {
        line.reference: line
        for line in OrderLine.objects.filter(shop_order=part).select_related("sku")
    }
    chosen = _chosen(part, lines, quantities)
    if len({lines[line].temp_class for line in chosen}) > 1:
        raise InvalidInput.at("/lines", "MIXED_TEMPERATURES", "One parcel, one temperature.")
    parcel = planning.post_by_seller(
        shop_order_reference=str(part.reference),
        shop_id=part.shop_id,
        carrier=carrier,
        waybill_no=waybill_no,
        contents=[fulfilment.content_of(lines[line], chosen[line]) for line in chosen],
        to=fulfilment.destination_of(part.order),
        actor=actor,
        now=now,
    )
    return str(parcel.reference)


def _part_of(seller_id: int, reference: UUID) -> ShopOrder:
    # Two people of one shop posting at once queue up here, so nothing is posted twice.
    rows = ShopOrder.objects.select_for_update(of=("self",), no_key=True).select_related("order")
    try:
        return rows.get(reference=reference, shop__members__user_id=seller_id)
    except ShopOrder.DoesNotExist:
        raise NotFound(subject="shop order") from None


def _chosen(
    part: ShopOrder, lines: Mapping[UUID, OrderLine], quantities: Mapping[UUID, int] | None
) -> dict[UUID, int]:
    packed = journeys.packed(part.reference)
    left = {reference: line.quantity - packed[str(reference)] for reference, line in lines.items()}
    if quantities is None:
        chosen = {reference: quantity for reference, quantity in left.items() if quantity}
    else:
        chosen = dict(quantities)
    for reference, quantity in chosen.items():
        if reference not in left:
            raise InvalidInput.at("/lines", "LINE_NOT_FOUND", str(reference))
        if quantity > left[reference]:
            raise NotLeftToShip(line=str(reference), left=left[reference])
    if not chosen:
        raise NotLeftToShip
    return chosen
