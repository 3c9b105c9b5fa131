"""What the catalogue tells: a product came on sale, looks different, or left."""

from dataclasses import dataclass

from core.outbox.events import event


@event("catalogue.product_published")
@dataclass(frozen=True, slots=True)
class ProductPublished:
    """A product is on sale from now on."""

    product_id: int
    product_reference: str
    version: int


@event("catalogue.product_changed")
@dataclass(frozen=True, slots=True)
class ProductChanged:
    """What buyers see of a product changed, or whether they see it at all: read its card again."""

    product_id: int
    product_reference: str
    version: int


@event("catalogue.product_withdrawn")
@dataclass(frozen=True, slots=True)
class ProductWithdrawn:
    """A product is no longer on sale."""

    product_id: int
    product_reference: str
    version: int
