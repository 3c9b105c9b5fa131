"""Pictures are judged before they are read, and written anew."""

import io
import struct
import zlib

import pytest
from PIL import Image

from core.errors import Busy, InvalidInput
from core.uploads import pictures

PLACE = "30.8330 N 110.9790 E"


def jpeg(size=(640, 480), orientation=1, **save):
    written = io.BytesIO()
    image = Image.effect_noise(size, 80).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE
    exif.get_ifd(0x8825)[1] = "N"
    image.save(written, "JPEG", exif=exif, **save)
    written.seek(0)
    return written


def png_that_says(width, height, colour=2):
    """A few bytes that unpack to any number of pixels."""

    def chunk(kind, body):
        sum_ = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", sum_)

    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def code_of(refused):
    return refused.value.faults[0].code


@pytest.mark.parametrize("write", [pictures.photo, pictures.document])
def test_where_a_picture_was_taken_is_not_kept(write):
    source = jpeg()
    assert PLACE.encode() in source.getvalue()

    kept = write(source)

    image = Image.open(io.BytesIO(kept.body))
    assert not image.getexif()
    assert PLACE.encode() not in kept.body
    assert b"Exif" not in kept.body


def test_a_photo_taken_sideways_stands_upright():
    kept = pictures.photo(jpeg((640, 480), orientation=6))

    assert Image.open(io.BytesIO(kept.body)).size == (480, 640)


def test_a_large_photo_becomes_small_and_its_thumbnail_smaller():
    kept = pictures.photo(jpeg((4000, 3000), quality=70))

    image = Image.open(io.BytesIO(kept.body))
    assert (image.format, max(image.size)) == ("WEBP", pictures.SIDE_MAX)
    assert 0 < len(kept.thumb) <= pictures.THUMB_BYTES_MAX


@pytest.mark.parametrize("size", [(4000, 3001), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr(
        "PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("a pixel was decoded")
    )

    with pytest.raises(InvalidInput) as refused:
        pictures.photo(png_that_says(*size))

    assert code_of(refused) == "TOO_MANY_PIXELS"


def test_a_picture_with_transparency_is_decoded_twice_and_may_be_half_as_large():
    with pytest.raises(InvalidInput) as refused:
        pictures.photo(png_that_says(3000, 2001, colour=6))

    assert code_of(refused) == "TOO_MANY_PIXELS"
    assert "6 million" in refused.value.faults[0].detail


@pytest.mark.parametrize("cut", [4, 100, 3000])
def test_a_broken_picture_is_refused(cut):
    with pytest.raises(InvalidInput) as refused:
        pictures.photo(io.BytesIO(jpeg().getvalue()[:cut]))

    assert code_of(refused) == "FILE_BROKEN"


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "L", "I;16"])
def test_every_kind_of_picture_becomes_plain(mode):
    written = io.BytesIO()
    Image.new(mode, (50, 40)).save(written, "PNG")
    written.seek(0)

    kept = pictures.document(written)

    assert Image.open(io.BytesIO(kept.body)).mode == "RGB"


def test_only_so_many_pictures_are_decoded_at_once(monkeypatch):
    monkeypatch.setattr(pictures, "WAIT_S", 0.01)
    for _ in range(pictures.AT_ONCE):
        pictures._desk.acquire()

    try:
        with pytest.raises(Busy):
            pictures.photo(jpeg((20, 20)))
    finally:
        for _ in range(pictures.AT_ONCE):
            pictures._desk.release()

    assert pictures.photo(jpeg((20, 20))).body


def test_a_refused_picture_frees_its_place():
    for _ in range(pictures.AT_ONCE + 1):
        with pytest.raises(InvalidInput):
            pictures.photo(io.BytesIO(b"\xff\xd8\xff"))

    assert pictures.photo(jpeg((20, 20))).body
