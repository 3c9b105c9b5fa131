"""What is in somebody's basket."""

from dataclasses import dataclass

from orders.baskets.models import Basket, BasketLine
from shops.catalogue.selectors import sellable
from shops.catalogue.selectors.sellable import SkuFacts


@dataclass(frozen=True, slots=True)
class BasketLineFacts:
    """So many of one SKU."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class BasketFacts:
    """A basket at one version, read in one look; its key is 0 where nobody has made it yet."""

    id: int
    version: int
    lines: tuple[BasketLineFacts, ...]


def of_owner(user_id: int) -> BasketFacts:
    """Return somebody's basket, its version and lines from the same snapshot."""
    rows = list(
        Basket.objects.filter(owner_id=user_id)
        .order_by("lines__added_at", "lines__id")
        .values_list("id", "version", "lines__sku__reference", "lines__quantity")
    )
    if not rows:
        return BasketFacts(0, 0, ())
    basket_id, version, _, _ = rows[0]
    lines = (BasketLineFacts(str(sku), quantity) for _, _, sku, quantity in rows if sku)
    return BasketFacts(basket_id, version, tuple(lines))


def with_goods(user_id: int) -> tuple[BasketFacts, dict[str, SkuFacts]]:
    """Return somebody's basket with what its goods are and cost now."""
    basket = of_owner(user_id)
    goods = sellable.skus([line.sku for line in basket.lines]) if basket.lines else []
    return basket, {facts.sku_reference: facts for facts in goods}


def size_of(basket_id: int) -> int:
    """Return how many lines a basket has."""
    return BasketLine.objects.filter(basket_id=basket_id).count()
