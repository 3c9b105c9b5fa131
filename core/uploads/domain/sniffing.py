"""What a file really is: by its first bytes, whatever its name and sender say."""

SNIFFED_BYTES = 16
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
PDF = "application/pdf"


def media_type_of(beginning: bytes) -> str:
    """Return the media type of a file we can read, or "" for any other."""
    if beginning.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    if beginning.startswith(b"%PDF-"):
        return PDF
    return ""
