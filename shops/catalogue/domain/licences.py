"""Which papers selling a product needs."""

from shops.storefronts.domain import licensing


def needed(shop_kind: str, product_class: str, licence_kind: str) -> frozenset[str] | None:
    """Return the papers for a class of goods and for its category; None where never allowed.

    `licence_kind` is what the category asks for besides the law (`domain.md` 2.10), or "".
    """
    by_law = licensing.to_sell(shop_kind, product_class)
    if by_law is None:
        return None
    return frozenset(str(kind) for kind in by_law) | ({licence_kind} - {""})
