"""Pictures, written anew: nothing of what a phone or a stranger put into a file is kept.

Size and pixels are judged by the header alone, before a single pixel is decoded, and only so
many pictures are decoded at once, so memory stays bounded whatever is sent.
"""

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps

from core.errors import Busy, InvalidInput

# A JPEG is decoded at a fraction of its size, the others whole, and those that have transparency
# twice: about 110 MB each at the most.
JPEG_PIXELS_MAX = 25_000_000
PIXELS_MAX = 12_000_000
CLEAR_PIXELS_MAX = 6_000_000
SIDE_MAX = 1_600
# A licence must stay legible.
DOCUMENT_SIDE_MAX = 2_400
THUMB_BYTES_MAX = 30_000
AT_ONCE = 2
WAIT_S = 10

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError)
_desk = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as we keep it."""

    media_type: str
    suffix: str
    body: bytes
    thumb: bytes = b""


def photo(source: IO[bytes]) -> Picture:
    """Return a photo as WebP with its thumbnail.

    Raises:
        InvalidInput: it is broken, or has too many pixels.
        Busy: too many pictures are being worked on.
    """
    with _opened(source, SIDE_MAX) as image:
        return Picture("image/webp", "webp", _webp(image, 82), thumbnail(image))


def document(source: IO[bytes]) -> Picture:
    """Return the picture of a paper as JPEG.

    Raises:
        InvalidInput: it is broken, or has too many pixels.
        Busy: too many pictures are being worked on.
    """
    with _opened(source, DOCUMENT_SIDE_MAX) as image:
        written = io.BytesIO()
        image.save(written, "JPEG", quality=85, optimize=True)
        return Picture("image/jpeg", "jpg", written.getvalue())


def thumbnail(image: Image.Image) -> bytes:
    """Return a small WebP of at most 30 KB, whatever it shows."""
    for side, quality in ((360, 78), (360, 55), (280, 45), (200, 35), (120, 20)):
        small = image.copy()
        small.thumbnail((side, side))
        body = _webp(small, quality)
        if len(body) <= THUMB_BYTES_MAX:
            return body
    raise AssertionError("unreachable: 120 x 120 pixels fit into 30 KB")


@contextmanager
def _opened(source: IO[bytes], side_max: int) -> Iterator[Image.Image]:
    if not _desk.acquire(timeout=WAIT_S):
        raise Busy
    try:
        try:
            upright = _upright(source, side_max)
        except _BROKEN as broken:
            raise InvalidInput.at(
                "/file", "FILE_BROKEN", "The picture cannot be read. 图片无法读取。"
            ) from broken
        yield upright
    finally:
        _desk.release()


def _upright(source: IO[bytes], side_max: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(source, formats=("JPEG", "PNG", "WEBP"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(PIXELS_MAX) from None
    most = _pixels_max(image)
    if image.width * image.height > most:
        raise _too_many_pixels(most)
    # JPEG is decoded at the nearest smaller scale at once; the others ignore it.
    image.draft("RGB", (side_max, side_max))
    # Smaller first: everything after it would copy all of the pixels.
    image.thumbnail((side_max, side_max))
    turned = ImageOps.exif_transpose(image)
    if turned.mode == "RGB":
        return _without_metadata(turned)
    # What was transparent becomes white, as on paper.
    background = Image.new("RGB", turned.size, "white")
    layer = turned.convert("RGBA")
    background.paste(layer, mask=layer.getchannel("A"))
    return background


def _pixels_max(image: Image.Image) -> int:
    if image.format == "JPEG":
        return JPEG_PIXELS_MAX
    return CLEAR_PIXELS_MAX if image.mode in {"RGBA", "LA", "PA"} else PIXELS_MAX


def _without_metadata(image: Image.Image) -> Image.Image:
    image.info = {}
    return image


def _webp(image: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    image.save(written, "WEBP", quality=quality, method=4)
    return written.getvalue()


def _too_many_pixels(most: int) -> InvalidInput:
    return InvalidInput.at(
        "/file",
        "TOO_MANY_PIXELS",
        f"At most {most // 1_000_000} million pixels. 图片像素过大。",
    )
