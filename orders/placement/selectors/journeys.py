"""Where the goods of a shop order are."""

from uuid import UUID

from logistics.parcels.models import Parcel
from orders.placement.domain.progress import ParcelFacts, Progress, progress_of
from orders.placement.models import OrderLine


def progress(shop_order_id: int, reference: UUID) -> Progress:
    """Return how far a shop order has come, from what its parcels are known to have done."""
    lines = OrderLine.objects.filter(shop_order_id=shop_order_id).order_by("position")
    ordered = {str(line): quantity for line, quantity in lines.values_list("reference", "quantity")}
    parcels = (
        Parcel.objects.filter(shop_order_reference=reference, cancelled_at=None)
        .prefetch_related("lines")
        .order_by("part")
    )
    return progress_of(
        ordered,
        [
            ParcelFacts(
                quantities={str(line.line_reference): line.quantity for line in parcel.lines.all()},
                is_collected=parcel.handed_over_at is not None,
                signed_at=parcel.signed_at,
            )
            for parcel in parcels
        ],
    )


def packed(reference: UUID) -> dict[str, int]:
    """Return how many pieces of each line are in parcels already."""
    counts: dict[str, int] = {}
    rows = Parcel.objects.filter(shop_order_reference=reference, cancelled_at=None)
    for line, quantity in rows.values_list("lines__line_reference", "lines__quantity"):
        counts[str(line)] = counts.get(str(line), 0) + (quantity or 0)
    return counts
