"""Where files are read: photos by anybody for long, everything else by a signature for minutes."""

from datetime import timedelta

from django.core import signing

from core.uploads.models import Purpose, Upload

ROOT = "/api/v1/media"
PRIVATE_FOR = timedelta(minutes=5)
_SALT = "uploads.private"


def url_of(upload: Upload) -> str:
    """Return an address of a file; of a private one it holds for five minutes."""
    if upload.purpose == Purpose.PHOTO:
        return photo_url(upload.path)
    return f"{ROOT}/private/{signing.dumps(upload.path, salt=_SALT)}"


def photo_url(path: str) -> str:
    """Return the lasting address of a photo or of its thumbnail; "" of none."""
    return f"{ROOT}/{path}" if path else ""


def path_of(signature: str) -> str | None:
    """Return which private file a signature opens, or None once it has run out."""
    try:
        path = signing.loads(signature, salt=_SALT, max_age=PRIVATE_FOR)
    except signing.BadSignature:
        return None
    return path if isinstance(path, str) else None
