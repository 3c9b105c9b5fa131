"""Addresses as pictures that a phone reads."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def inline(address: str) -> SafeString:
    """Draw an address into a page."""
    drawn = segno.make(address, error="m").svg_inline(scale=6, border=4, light="white")
    return mark_safe(drawn)  # noqa: S308 - drawn by a library out of squares.


def picture(address: str) -> bytes:
    """Return an address as an SVG file of its own."""
    written = io.BytesIO()
    segno.make(address, error="m").save(written, kind="svg", scale=10, border=4, light="white")
    return written.getvalue()
