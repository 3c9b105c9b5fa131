"""Reading files: photos by anybody, everything else by a signature."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from core.uploads import addresses

_FOR_EVER = "public, max-age=31536000, immutable"
_SANDBOX = "sandbox; default-src 'none'"
_TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "pdf": "application/pdf"}


@require_safe
def photo(request: HttpRequest, folder: str, name: str) -> FileResponse:  # noqa: ARG001
    """Send a photo; its address never means anything else, so it is kept for ever."""
    return _sent(f"photos/{folder}/{name}", _FOR_EVER)


@require_safe
def private(request: HttpRequest, signature: str) -> FileResponse:  # noqa: ARG001
    """Send a private file to whoever was given its address in the last five minutes."""
    path = addresses.path_of(signature)
    if path is None:
        raise Http404
    return _sent(path, "private, no-store")


def _sent(path: str, caching: str) -> FileResponse:
    try:
        opened = default_storage.open(path)
    except FileNotFoundError:
        raise Http404 from None
    suffix = path.rpartition(".")[2]
    answer = FileResponse(
        opened,
        # A document is saved, never shown in our name.
        as_attachment=suffix == "pdf",
        filename=f"file.{suffix}",
        content_type=_TYPES.get(suffix, "application/octet-stream"),
    )
    answer["Cache-Control"] = caching
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = _SANDBOX
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
