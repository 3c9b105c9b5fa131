"""A file is handed in, and later put to use by whoever handed it in."""

import uuid
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from core.errors import InvalidInput, NotFound
from core.transactions import entry, needs_transaction
from core.uploads import pictures
from core.uploads.domain import sniffing
from core.uploads.models import Purpose, Upload
from core.uploads.pictures import Picture

CLAIM_WITHIN = timedelta(hours=24)
BYTES_MAX = 10_000_000
PDF_BYTES_MAX = 5_000_000


def receive(
    owner_id: int, source: IO[bytes], size_bytes: int, purpose: Purpose, *, now: datetime
) -> Upload:
    """Keep a file, written anew where it is a picture.

    Raises:
        InvalidInput: empty, too large, not a picture (or, where it may be one, a PDF), broken.
        Busy: too many pictures are being worked on.
    """
    kept = _written_anew(source, size_bytes, purpose)
    name = uuid.uuid4().hex
    folder = f"{'photos' if purpose is Purpose.PHOTO else 'private'}/{name[:2]}"
    path = f"{folder}/{name}.{kept.suffix}"
    thumb_path = f"{folder}/{name}-thumb.webp" if kept.thumb else ""
    # The row first: a file is never without one, so whatever fails now is purged in a day.
    upload = _announce(owner_id, purpose, kept, path, thumb_path, now)
    default_storage.save(path, ContentFile(kept.body))
    if thumb_path:
        default_storage.save(thumb_path, ContentFile(kept.thumb))
    return upload


@needs_transaction
def claim(user_id: int, reference: UUID | str, purpose: Purpose, *, now: datetime) -> Upload:
    """Put a file to use, once; from then on it is kept.

    Raises:
        NotFound: it is not theirs, not for this purpose, used already or older than 24 hours.
    """
    theirs = Upload.objects.filter(
        reference=reference, owner_id=user_id, purpose=purpose, expires_at__gt=now
    )
    if not _take(theirs, now):
        raise NotFound(subject="upload")
    return Upload.objects.get(reference=reference)


def _take(theirs: QuerySet[Upload], now: datetime) -> bool:
    return theirs.filter(claimed_at__isnull=True).update(claimed_at=now) == 1


@entry
def _announce(
    owner_id: int, purpose: Purpose, kept: Picture, path: str, thumb_path: str, now: datetime
) -> Upload:
    return Upload.objects.create(
        owner_id=owner_id,
        purpose=purpose,
        media_type=kept.media_type,
        path=path,
        thumb_path=thumb_path,
        size_bytes=len(kept.body),
        uploaded_at=now,
        expires_at=now + CLAIM_WITHIN,
    )


def _written_anew(source: IO[bytes], size_bytes: int, purpose: Purpose) -> Picture:
    media_type = _judged(source, size_bytes, purpose)
    if media_type == sniffing.PDF:
        return Picture(media_type, "pdf", source.read(PDF_BYTES_MAX))
    return pictures.photo(source) if purpose is Purpose.PHOTO else pictures.document(source)


def _judged(source: IO[bytes], size_bytes: int, purpose: Purpose) -> str:
    """Return what a file is, before anything tries to read it."""
    media_type = sniffing.media_type_of(source.read(sniffing.SNIFFED_BYTES))
    source.seek(0)
    is_allowed = media_type in sniffing.IMAGES or (
        media_type == sniffing.PDF and purpose is not Purpose.PHOTO
    )
    if not is_allowed:
        raise InvalidInput.at(
            "/file",
            "FILE_TYPE",
            "Send a JPEG, PNG or WebP picture. 请上传图片文件。",
        )
    most = PDF_BYTES_MAX if media_type == sniffing.PDF else BYTES_MAX
    if size_bytes > most:
        raise InvalidInput.at(
            "/file", "FILE_TOO_LARGE", f"At most {most // 1_000_000} MB. 文件过大。"
        )
    return media_type
