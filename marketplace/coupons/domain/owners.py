"""The names under which coupons hold money."""

from uuid import UUID


def owner_of(reference: UUID) -> str:
    """Return the owner of what a coupon has held since it was claimed."""
    return f"coupon:{reference}"


def owner_in_order(order_reference: UUID | str) -> str:
    """Return the owner of what the coupons of an order hold since it was placed."""
    return f"coupons-of:{order_reference}"
