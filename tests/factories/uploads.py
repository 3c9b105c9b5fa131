"""Uploaded files for tests: the smallest row, without a file behind it."""

from datetime import datetime, timedelta

from core.accounts.models import User
from core.uploads.models import Purpose, Upload


def an_upload(owner: User, purpose: Purpose = Purpose.LICENCE, *, at: datetime) -> Upload:
    """Return a file that its owner may put to use within 24 hours."""
    return Upload.objects.create(
        owner=owner,
        purpose=purpose,
        media_type="image/webp",
        path="nowhere/file.webp",
        size_bytes=1,
        uploaded_at=at,
        expires_at=at + timedelta(hours=24),
    )
