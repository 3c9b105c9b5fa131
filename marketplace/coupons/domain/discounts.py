"""What a coupon takes off, line by line, and who pays for it (`domain.md` 2.1 and 2.2).

Pure: facts in, facts out. The quote, the placement and the tests call the same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core import money
from marketplace.coupons.domain.kinds import (
    FUNDER_ORDER,
    CommitMode,
    CouponKind,
    Funder,
    Issuer,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which goods a coupon counts for: every dimension that is named must match one of its values.

    An empty dimension does not restrict; an empty scope is everything.
    """

    sections: frozenset[int] = frozenset()
    regions: frozenset[str] = frozenset()
    programmes: frozenset[str] = frozenset()
    categories: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()
    shops: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Funding:
    """One payer of a discount and its share; a shop pays without a budget."""

    funder: str
    bp: int
    budget_id: int | None = None
    budget_reference: str | None = None
    quota_id: int | None = None
    daily_cap_fen: int | None = None
    day_quota_id: int | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line of a basket as a coupon sees it.

    `sale_fen` is the whole line before any discount, `amount_fen` what earlier ones left of it.
    What is paid as a deposit is never left to anybody: it only counts for its worth.
    """

    key: str
    shop_id: int
    sku_id: int
    product_id: int
    category_path: tuple[int, ...]
    origin_codes: tuple[str, ...]
    section_ids: tuple[int, ...]
    programmes: tuple[str, ...]
    amount_fen: int
    sale_fen: int
    quantity: int
    is_on_activity_price: bool = False
    deposit_fen: int = 0
    deposit_worth_fen: int = 0


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """Everything about a coupon that decides what it takes off."""

    coupon_reference: str
    batch_id: int
    issuer: str
    kind: str
    scope: Scope
    funding: tuple[Funding, ...]
    issuer_shop_id: int | None = None
    threshold_fen: int | None = None
    threshold_pieces: int | None = None
    amount_fen: int | None = None
    discount_bp: int | None = None
    max_discount_fen: int | None = None
    accepted_shop_ids: frozenset[int] = frozenset()
    allow_on_activity_price: bool = False
    commit_mode: str = CommitMode.AT_CLAIM.value


class Reason(StrEnum):
    """Why a coupon takes nothing off."""

    OUT_OF_SCOPE = "COUPON_OUT_OF_SCOPE"
    BELOW_THRESHOLD = "COUPON_BELOW_THRESHOLD"
    NOTHING_LEFT = "COUPON_NOTHING_LEFT"


@dataclass(frozen=True, slots=True)
class Inapplicable:
    """A coupon that takes nothing off these lines: why, and how much is missing."""

    reason: Reason
    short_fen: int = 0
    short_pieces: int = 0


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """What a coupon takes off one line, and who pays how much of it."""

    amount_fen: int
    by_funder: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Discount:
    """What a coupon takes off, by line key and by funder; lines it leaves alone are not named."""

    total_fen: int
    by_line: Mapping[str, LineDiscount] = field(default_factory=dict)
    by_funder: Mapping[str, int] = field(default_factory=dict)


def eligible(terms: CouponTerms, lines: Sequence[PricedLine]) -> list[int]:
    """Return the places of the lines that a coupon counts for."""
    return [place for place, line in enumerate(lines) if _counts_for(terms, line)]


def discount_of(terms: CouponTerms, lines: Sequence[PricedLine]) -> Discount | Inapplicable:
    """Return what a coupon takes off goods, to the fen, whatever order the lines come in.

    The threshold is tested against the sale price before any discount; the amount is taken from,
    and shared over, what earlier discounts left. Ties go to the lower SKU.
    """
    return _taken_from({line.key: line.amount_fen for line in lines}, terms, lines)


def freight_discount_of(
    terms: CouponTerms, lines: Sequence[PricedLine], freight: Mapping[str, int]
) -> Discount | Inapplicable:
    """Return what a freight coupon takes off what sending costs, `freight` by line key.

    Its threshold is that of goods, tested like any other; what it takes off is never more than the
    freight of the goods it counts for, and is shared over that.
    """
    return _taken_from({line.key: freight.get(line.key, 0) for line in lines}, terms, lines)


def refusal_of(terms: CouponTerms, lines: Sequence[PricedLine]) -> Inapplicable | None:
    """Return why a coupon does not count for these goods, whatever is left to take from."""
    return _refusal(terms, [lines[place] for place in eligible(terms, lines)])


def amount_off(terms: CouponTerms, left_fen: int) -> int:
    """Return what a coupon takes off of what is left of the goods or freight it counts for.

    It grows with what is left, and never by more than that grows.
    """
    worst = worst_case_fen(
        terms.kind, amount_fen=terms.amount_fen, max_discount_fen=terms.max_discount_fen
    )
    if terms.kind == CouponKind.DISCOUNT:
        worst = min(worst, money.share_bp(left_fen, terms.discount_bp or 0))
    return min(worst, left_fen)


def spread(
    total_fen: int,
    lines: Sequence[PricedLine],
    left: Mapping[str, int],
    funding: Sequence[Funding],
) -> Discount:
    """Share a discount over lines by what is left of each, and over its funders."""
    ordered = sorted(lines, key=lambda line: (line.sku_id, line.key))
    parts = money.allocate(total_fen, [left[line.key] for line in ordered])
    totals, rows = split_funding(total_fen, parts, funding)
    by_line = {
        line.key: LineDiscount(part, row)
        for line, part, row in zip(ordered, parts, rows, strict=True)
        if part
    }
    return Discount(total_fen, by_line, totals)


def worst_case_fen(kind: str, *, amount_fen: int | None, max_discount_fen: int | None) -> int:
    """Return the most that one coupon can ever take off."""
    worst = max_discount_fen if kind == CouponKind.DISCOUNT else amount_fen
    if worst is None:
        raise ValueError(f"a {kind} coupon without a limit")
    return worst


def reservation_fen(worst_fen: int, bp: int) -> int:
    """Return what a funder sets aside for one coupon: enough for every way of rounding.

    With three or more funders the largest remainder is not monotone, so each holds its ceiling.
    """
    return money.ceil_bp(worst_fen, bp)


def split_total(total_fen: int, funding: Sequence[Funding]) -> dict[str, int]:
    """Split a discount over its funders, on the total, before any line is looked at.

    Two funders: half up for the first, the rest to the last. More: largest remainder.
    """
    ordered = _in_order(funding)
    if len(ordered) == 2:
        first = money.share_bp(total_fen, ordered[0].bp)
        parts = [first, total_fen - first]
    else:
        parts = money.allocate(total_fen, [part.bp for part in ordered])
    return {part.funder: fen for part, fen in zip(ordered, parts, strict=True)}


def split_funding(
    total_fen: int, parts: Sequence[int], funding: Sequence[Funding]
) -> tuple[dict[str, int], list[dict[str, int]]]:
    """Return each funder's total, and its part of every line, both exact to the fen.

    Each funder's total is shared over what the funders before it left of the lines; the last one
    bears the rest of each line. No budget is ever overspent by rounding.
    """
    totals = split_total(total_fen, funding)
    rest = list(parts)
    rows: list[dict[str, int]] = [{} for _ in parts]
    for funder, funder_total in totals.items():
        for place, fen in enumerate(money.allocate(funder_total, rest)):
            rest[place] -= fen
            if fen:
                rows[place][funder] = fen
    return {funder: fen for funder, fen in totals.items() if fen}, rows


def _in_order(funding: Sequence[Funding]) -> list[Funding]:
    return sorted(funding, key=lambda part: FUNDER_ORDER[part.funder])


def _refusal(terms: CouponTerms, chosen: Sequence[PricedLine]) -> Inapplicable | None:
    if not chosen:
        return Inapplicable(Reason.OUT_OF_SCOPE)
    short_fen = (terms.threshold_fen or 0) - sum(line.sale_fen for line in chosen)
    short_pieces = (terms.threshold_pieces or 0) - sum(line.quantity for line in chosen)
    if short_fen > 0 or short_pieces > 0:
        return Inapplicable(Reason.BELOW_THRESHOLD, max(short_fen, 0), max(short_pieces, 0))
    return None


def _taken_from(
    left: Mapping[str, int], terms: CouponTerms, lines: Sequence[PricedLine]
) -> Discount | Inapplicable:
    chosen = [lines[place] for place in eligible(terms, lines)]
    refusal = _refusal(terms, chosen)
    if refusal is not None:
        return refusal
    total = amount_off(terms, sum(left[line.key] for line in chosen))
    if total == 0:
        return Inapplicable(Reason.NOTHING_LEFT)
    return spread(total, chosen, left, terms.funding)


def _counts_for(terms: CouponTerms, line: PricedLine) -> bool:
    if line.is_on_activity_price and not terms.allow_on_activity_price:
        return False
    if terms.issuer == Issuer.SHOP:
        return line.shop_id == terms.issuer_shop_id and _in_scope(terms.scope, line)
    is_shop_asked = any(part.funder == Funder.SHOP for part in terms.funding)
    if is_shop_asked and line.shop_id not in terms.accepted_shop_ids:
        return False
    return _in_scope(terms.scope, line)


def _in_scope(scope: Scope, line: PricedLine) -> bool:
    wanted: tuple[tuple[frozenset[int] | frozenset[str], Sequence[int | str]], ...] = (
        (scope.sections, line.section_ids),
        (scope.regions, line.origin_codes),
        (scope.programmes, line.programmes),
        (scope.categories, line.category_path),
        (scope.products, (line.product_id,)),
        (scope.shops, (line.shop_id,)),
    )
    return all(not values or not values.isdisjoint(found) for values, found in wanted)
