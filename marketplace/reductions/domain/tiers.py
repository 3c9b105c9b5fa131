"""What a shop's full reduction takes off, line by line (`domain.md` 2.1).

Pure: facts in, facts out. It is the first step after the activity price: thresholds look at the
sale price of the goods it counts for, and that is what it is taken from and shared over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.money import BASIS_POINTS
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import (
    Discount,
    Funding,
    Inapplicable,
    PricedLine,
    Reason,
)
from marketplace.coupons.domain.kinds import Funder

# Nobody else pays for what a shop takes off by itself.
BORNE_BY = (Funding(Funder.SHOP.value, BASIS_POINTS),)


@dataclass(frozen=True, slots=True)
class Tier:
    """So much off, from an amount on or from a number of pieces on."""

    amount_fen: int
    threshold_fen: int | None = None
    threshold_pieces: int | None = None

    def short(self, sale_fen: int, pieces: int) -> tuple[int, int]:
        """Return how many fen and how many pieces are missing; nothing once it is reached."""
        return (
            max((self.threshold_fen or 0) - sale_fen, 0),
            max((self.threshold_pieces or 0) - pieces, 0),
        )


@dataclass(frozen=True, slots=True)
class ReductionTerms:
    """Everything about a full reduction that decides what it takes off.

    Without products it counts for everything that the shop sells.
    """

    reduction_id: int
    reference: str
    shop_id: int
    tiers: tuple[Tier, ...]
    product_ids: frozenset[int] = frozenset()
    allow_on_activity_price: bool = False

    def counts_for(self, line: PricedLine) -> bool:
        """Tell whether a line is among the goods that it counts for."""
        if line.is_on_activity_price and not self.allow_on_activity_price:
            return False
        is_chosen = not self.product_ids or line.product_id in self.product_ids
        return line.shop_id == self.shop_id and is_chosen


def discount_of(terms: ReductionTerms, lines: Sequence[PricedLine]) -> Discount | Inapplicable:
    """Return what a full reduction takes off, to the fen, whatever order the lines come in.

    Of the tiers that the goods reach the one that takes most off counts, alone. Where none is
    reached, what is missing is said of the smallest one.
    """
    chosen = [line for line in lines if terms.counts_for(line)]
    if not chosen:
        return Inapplicable(Reason.OUT_OF_SCOPE)
    sale_fen = sum(line.sale_fen for line in chosen)
    pieces = sum(line.quantity for line in chosen)
    rising = sorted(terms.tiers, key=lambda tier: tier.amount_fen)
    reached = [tier for tier in rising if tier.short(sale_fen, pieces) == (0, 0)]
    if not reached:
        return Inapplicable(Reason.BELOW_THRESHOLD, *rising[0].short(sale_fen, pieces))
    left = {line.key: line.amount_fen for line in chosen}
    total_fen = min(reached[-1].amount_fen, sum(left.values()))
    if total_fen == 0:
        return Inapplicable(Reason.NOTHING_LEFT)
    return discounts.spread(total_fen, chosen, left, BORNE_BY)
