"""What sending an order would cost, and what keeps it from being sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import DomainError
from logistics.freight.selectors import quoting
from logistics.freight.selectors.quoting import Freight, Held, Load, Rates
from orders.placement.domain import problems
from orders.placement.domain.pricing import ShopFreight
from shops.catalogue.selectors.sellable import SkuFacts


@dataclass(frozen=True, slots=True)
class Sending:
    """Goods on their way to one county, with the rates of that day: every price is asked of it."""

    loads: tuple[Load, ...]
    rates: Rates

    def charges(self, amounts: Mapping[str, int]) -> dict[int, Freight]:
        """Return what each shop charges for those of the goods that `amounts` names.

        The amounts are those after the shops' own discounts, on which free shipping is tested.
        """
        asked = [replace(load, goods_fen=amounts[load.key]) for load in self._named(amounts)]
        return quoting.charged(asked, self.rates)

    def fees(self, amounts: Mapping[str, int]) -> dict[int, ShopFreight]:
        """Return the same for pricing: the shops that can send."""
        return fees(self.charges(amounts))

    def _named(self, amounts: Mapping[str, int]) -> Iterable[Load]:
        return (load for load in self.loads if load.key in amounts)


def rated(
    quantities: Mapping[str, int], goods: Mapping[str, SkuFacts], *, region: str, now: datetime
) -> Sending:
    """Return so many of each SKU on their way to a county, with one statement."""
    loads = tuple(
        Load(
            key=sku,
            shop_id=goods[sku].shop_id,
            template=goods[sku].freight_template,
            temp_class=goods[sku].temp_class,
            gross_g=goods[sku].gross_weight_g * quantity,
            pieces=quantity,
            goods_fen=0,
            origin=goods[sku].origin_county,
        )
        for sku, quantity in quantities.items()
    )
    return Sending(loads, quoting.rates(loads, region=region, now=now))


def fees(charged: Mapping[int, Freight]) -> dict[int, ShopFreight]:
    """Return what the shops that can send charge."""
    return {
        shop_id: ShopFreight(fee.fee_fen, fee.by_key)
        for shop_id, fee in charged.items()
        if fee.deliverable
    }


def problems_of(
    charged: Mapping[int, Freight], goods: Iterable[SkuFacts], region: str
) -> list[DomainError]:
    """Return why some of it cannot be sent: one problem for each shop it concerns."""
    references = {facts.shop_id: facts.shop_reference for facts in goods}
    return [
        _held(references[shop_id], fee.held)
        if fee.held
        else problems.NotDeliverable(shop=references[shop_id], region=region)
        for shop_id, fee in charged.items()
        if not fee.deliverable
    ]


def delays(charged: Mapping[int, Freight], goods: Iterable[SkuFacts]) -> dict[str, Held]:
    """Return what comes later than usual, by shop."""
    references = {facts.shop_id: facts.shop_reference for facts in goods}
    return {references[shop_id]: fee.delayed for shop_id, fee in charged.items() if fee.delayed}


def promises(charged: Mapping[int, Freight]) -> dict[int, int]:
    """Return the hours within which each shop ships."""
    return {shop_id: fee.promise_hours for shop_id, fee in charged.items()}


def _held(shop: str, hold: Held) -> DomainError:
    return problems.RegionOnHold(
        shop=shop, region=hold.region, until=hold.until, reason=hold.reason
    )
