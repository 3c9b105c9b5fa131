"""The name under which a coupon holds money."""

from uuid import UUID


def owner_of(reference: UUID) -> str:
    """Return the owner of a coupon's holds."""
    return f"coupon:{reference}"
