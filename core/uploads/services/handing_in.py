"""A file is handed in, and later put to use by whoever handed it in."""

from datetime import datetime, timedelta
from uuid import UUID

from core.errors import NotFound
from core.transactions import needs_transaction
from core.uploads.models import Purpose, Upload

CLAIM_WITHIN = timedelta(hours=24)


@needs_transaction
def claim(user_id: int, reference: UUID | str, purpose: Purpose, *, now: datetime) -> Upload:
    """Put a file to use, once; from then on it is kept.

    Raises:
        NotFound: it is not theirs, not for this purpose, used already or older than 24 hours.
    """
    waiting = Upload.objects.filter(
        reference=reference,
        owner_id=user_id,
        purpose=purpose,
        claimed_at__isnull=True,
        expires_at__gt=now,
    )
    if not waiting.update(claimed_at=now):
        raise NotFound(subject="upload")
    return Upload.objects.get(reference=reference)
