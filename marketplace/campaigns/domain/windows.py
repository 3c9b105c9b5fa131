"""When a coupon may be used, counted from the moment it was claimed (`domain.md` 2.2)."""

from datetime import datetime, timedelta


def validity(
    *,
    claimed_at: datetime,
    use_from: datetime | None,
    use_until: datetime | None,
    days_after_claim: int | None,
) -> tuple[datetime, datetime]:
    """Return the half-open window of one coupon.

    A day after the claim is 24 hours, not a calendar day, and the end of the batch caps it.
    """
    starts = max(claimed_at, use_from) if use_from else claimed_at
    ends = [use_until] if use_until else []
    if days_after_claim is not None:
        ends.append(claimed_at + timedelta(hours=24 * days_after_claim))
    return starts, min(ends)
