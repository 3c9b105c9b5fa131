"""Files that nobody put to use are deleted."""

from datetime import datetime

from django.core.files.storage import default_storage

from core.transactions import entry
from core.uploads.models import Upload


def purge_unclaimed(*, now: datetime, limit: int = 500) -> int:
    """Delete files that were not put to use within 24 hours; return how many.

    They can no longer be claimed, so nobody races; files go first, because a row without its
    file is deleted the next time while a file without a row would stay for ever.
    """
    due = Upload.objects.filter(claimed_at__isnull=True, expires_at__lte=now)
    rows = list(due.order_by("expires_at", "id").values_list("pk", "path", "thumb_path")[:limit])
    for _, path, thumb_path in rows:
        default_storage.delete(path)
        if thumb_path:
            default_storage.delete(thumb_path)
    return _forget([pk for pk, _, _ in rows])


@entry
def _forget(ids: list[int]) -> int:
    return Upload.objects.filter(pk__in=ids, claimed_at__isnull=True).delete()[0]
