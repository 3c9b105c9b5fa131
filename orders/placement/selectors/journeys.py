"""Where the goods of a shop order are."""

from collections import Counter
from uuid import UUID

from logistics.parcels.selectors import parcels
from orders.placement.domain.progress import ParcelFacts, Progress, progress_of
from orders.placement.models import OrderLine


def progress(shop_order_id: int, reference: UUID) -> Progress:
    """Return how far a shop order has come, from what its parcels are known to have done."""
    lines = OrderLine.objects.filter(shop_order_id=shop_order_id).order_by("position")
    return progress_of(
        {str(line): quantity for line, quantity in lines.values_list("reference", "quantity")},
        [
            ParcelFacts(
                quantities={line.line_reference: line.quantity for line in parcel.lines},
                is_collected=parcel.is_collected,
                signed_at=parcel.signed_at,
            )
            for parcel in _parcels_of(reference)
        ],
    )


def packed(reference: UUID) -> Counter[str]:
    """Return how many pieces of each line are in parcels already."""
    counts: Counter[str] = Counter()
    for parcel in _parcels_of(reference):
        for line in parcel.lines:
            counts[line.line_reference] += line.quantity
    return counts


def _parcels_of(reference: UUID) -> list[parcels.ParcelFacts]:
    return parcels.of_shop_order([str(reference)]).get(str(reference), [])
