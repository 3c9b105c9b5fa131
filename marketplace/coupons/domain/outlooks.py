"""What a batch would do if it were put to work now, and what speaks against that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import CouponTerms
from marketplace.coupons.domain.kinds import CouponKind
from marketplace.sections.domain.states import SectionState

# Kinds that take nothing off the goods, or never more than the goods cost.
_NEVER_ABOVE = (CouponKind.FREIGHT, CouponKind.DISCOUNT)


class Finding(StrEnum):
    """Something that whoever approves a batch should know."""

    SCOPE_EMPTY = "BATCH_SCOPE_EMPTY"
    SECTION_MISSED = "BATCH_MISSES_SECTION"
    FACE_ABOVE_PRICE = "BATCH_ABOVE_PRICE"
    SECTION_NOT_SCHEDULED = "SECTION_NOT_SCHEDULED"
    NO_SHOP_AGREED = "NO_SHOP_AGREED"
    BUDGET_SHORT = "BUDGET_SHORT"
    OVERLAPS = "BATCHES_OVERLAP"


# What stops an approval; everything else is only told.
STOPPING = (Finding.SCOPE_EMPTY, Finding.SECTION_MISSED, Finding.FACE_ABOVE_PRICE)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a scope reaches now: `counting` are the products of shops that bear their part."""

    products: int
    counting: int
    shops: int
    counties: int
    cheapest_fen: int | None


@dataclass(frozen=True, slots=True)
class Opening:
    """A section that a batch names, and when people can visit it."""

    slug: str
    name: str
    name_en: str
    state: str
    opens_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when coupons of a batch can be used at all, the end left out."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Cost:
    """The most that a funder could have to pay, beside what its budget has left; shops have none.

    The budget is named by its key, outside name and name.
    """

    funder: str
    worst_fen: int
    left_fen: int | None
    budget_id: int | None
    budget_reference: str | None
    budget_name: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A product in scope and the least of it for which the coupon counts, before and after."""

    product_id: int
    product_reference: str
    title: str
    price_fen: int
    pieces: int
    sale_fen: int
    discount_fen: int

    @property
    def paid_fen(self) -> int:
        """Return what the buyer pays."""
        return self.sale_fen - self.discount_fen


def use_window(
    *,
    claim_from: datetime,
    claim_until: datetime,
    use_from: datetime | None,
    use_until: datetime | None,
    days_after_claim: int | None,
) -> Window:
    """Return when coupons of a batch can be used, over all who claim one."""
    ends = [use_until] if use_until is not None else []
    if days_after_claim is not None:
        ends.append(claim_until + timedelta(hours=24 * days_after_claim))
    return Window(max(claim_from, use_from or claim_from), min(ends))


def misses(opening: Opening, window: Window) -> bool:
    """Tell whether nobody could ever use a coupon in a section, as both stand now.

    One that is being prepared may still be opened at any time.
    """
    if opening.state == SectionState.CLOSED:
        return True
    is_before = opening.opens_at is not None and window.end <= opening.opens_at
    is_after = opening.closes_at is not None and opening.closes_at <= window.start
    return is_before or is_after


def least_pieces(terms: CouponTerms, price_fen: int) -> int:
    """Return how many pieces at a price are the fewest for which a coupon counts."""
    return max(1, terms.threshold_pieces or 1, ceil((terms.threshold_fen or 0) / price_fen))


def sample_of(
    terms: CouponTerms, *, product_id: int, product_reference: str, title: str, price_fen: int
) -> Sample:
    """Return what the coupon makes of the fewest pieces for which it counts."""
    pieces = least_pieces(terms, price_fen)
    sale_fen = pieces * price_fen
    is_of_goods = terms.kind != CouponKind.FREIGHT
    return Sample(
        product_id=product_id,
        product_reference=product_reference,
        title=title,
        price_fen=price_fen,
        pieces=pieces,
        sale_fen=sale_fen,
        discount_fen=discounts.amount_off(terms, sale_fen) if is_of_goods else 0,
    )


def is_above_price(terms: CouponTerms, cheapest_fen: int) -> bool:
    """Tell whether a coupon takes off more than the least for which it counts.

    Without a threshold that is the cheapest product; with one it is the threshold, or the
    cheapest product as often as pieces are asked for.
    """
    if terms.kind in _NEVER_ABOVE:
        return False
    least_fen = max(terms.threshold_fen or 0, (terms.threshold_pieces or 1) * cheapest_fen)
    return (terms.amount_fen or 0) > least_fen


def findings_of(
    terms: CouponTerms,
    *,
    reach: Reach,
    openings: Sequence[Opening],
    window: Window,
    costs: Sequence[Cost],
    overlaps: int,
) -> list[Finding]:
    """Return what whoever approves a batch should know, what stops it first.

    What names nothing counts for whatever will be on sale, so neither today's goods nor the
    cheapest of the whole market speak against it.
    """
    names_something = terms.scope != discounts.Scope()
    is_stopped = {
        Finding.SCOPE_EMPTY: names_something and reach.products == 0,
        Finding.SECTION_MISSED: any(misses(opening, window) for opening in openings),
        Finding.FACE_ABOVE_PRICE: names_something
        and reach.cheapest_fen is not None
        and is_above_price(terms, reach.cheapest_fen),
    }
    is_told = {
        Finding.SECTION_NOT_SCHEDULED: any(
            opening.state == SectionState.DRAFT for opening in openings
        ),
        Finding.NO_SHOP_AGREED: reach.products > 0 and reach.counting == 0,
        Finding.BUDGET_SHORT: any(
            cost.left_fen is not None and cost.worst_fen > cost.left_fen for cost in costs
        ),
        Finding.OVERLAPS: overlaps > 0,
    }
    return [finding for finding, holds in (is_stopped | is_told).items() if holds]
