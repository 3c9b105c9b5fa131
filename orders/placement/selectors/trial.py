"""A quote for somebody, or for nobody, with coupons that need not have been claimed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.accounts.models import User
from core.errors import NotFound
from core.regions.selectors import divisions
from orders.placement.selectors import quotes
from orders.placement.selectors.quotes import Coupons, Quote, Wanted

# Nobody has this key: whoever has bought and claimed nothing.
NOBODY = 0


def quote(
    *,
    wanted: Sequence[Wanted],
    county: str,
    buyer: UUID | None,
    batches: Sequence[UUID],
    coupons: Sequence[UUID],
    is_best: bool,
    now: datetime,
) -> Quote:
    """Return what goods would cost; nothing is stored, and no coupon is claimed.

    Raises:
        NotFound: there is no such buyer, batch or coupon of theirs.
        UnknownRegion, RetiredRegion: nothing is sent there.
    """
    buyer_id = NOBODY
    if buyer is not None:
        found = User.objects.filter(reference=buyer).values_list("pk", flat=True).first()  # Unique.
        if found is None:
            raise NotFound(subject="user")
        buyer_id = found
    return quotes.quote(
        buyer_id=buyer_id,
        wanted=wanted,
        region=divisions.county(county).code,
        coupons=Coupons(coupons, is_best, batches),
        now=now,
    )
