"""What the units of a line are worth when some of them are refunded (`domain.md` 2.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import money
from marketplace.coupons.domain.kinds import FUNDER_ORDER


@dataclass(frozen=True, slots=True)
class KindShare:
    """What one kind of discount (in pipeline order) took off a whole line, by funder."""

    kind: str
    by_funder: Mapping[str, int]

    @property
    def total_fen(self) -> int:
        return sum(self.by_funder.values())


@dataclass(frozen=True, slots=True)
class Refund:
    """What goes back for some units: to the buyer, and to each funder of each kind of discount."""

    paid_fen: int
    by_kind: Mapping[str, Mapping[str, int]]

    @property
    def discount_fen(self) -> int:
        return sum(sum(row.values()) for row in self.by_kind.values())


def refund_of(
    *,
    unit_sale_fen: int,
    quantity: int,
    paid_fen: int,
    kinds: Sequence[KindShare],
    refunded: int,
    units: int,
) -> Refund:
    """Return what `units` more units are worth after `refunded` of them went back.

    The difference of two cumulative figures, so buyer plus discounts is the unit price every time
    and all units together are the whole line.
    """
    before = accounted_for(unit_sale_fen, quantity, paid_fen, kinds, refunded)
    after = accounted_for(unit_sale_fen, quantity, paid_fen, kinds, refunded + units)
    by_kind = {
        kind: {funder: fen - before.by_kind[kind][funder] for funder, fen in row.items()}
        for kind, row in after.by_kind.items()
    }
    return Refund(after.paid_fen - before.paid_fen, by_kind)


def accounted_for(
    unit_sale_fen: int, quantity: int, paid_fen: int, kinds: Sequence[KindShare], done: int
) -> Refund:
    """Return the cumulative figures of the first `done` units of a line.

    Kinds in their order, then funders inside a kind in fixed order, each take the floor of their
    share of what is left; the last takes the remainder.
    """
    paid = money.cumulative(paid_fen, quantity, done)
    discount = unit_sale_fen * done - paid
    kind_parts = _nested(discount, [kind.total_fen for kind in kinds])
    by_kind: dict[str, dict[str, int]] = {}
    for kind, part in zip(kinds, kind_parts, strict=True):
        funders = sorted(kind.by_funder, key=lambda funder: FUNDER_ORDER[funder])
        fens = _nested(part, [kind.by_funder[funder] for funder in funders])
        by_kind[kind.kind] = dict(zip(funders, fens, strict=True))
    return Refund(paid, by_kind)


def _nested(amount_fen: int, shares: Sequence[int]) -> list[int]:
    parts: list[int] = []
    rest, rest_shares = amount_fen, sum(shares)
    for share in shares:
        part = rest * share // rest_shares if rest_shares else 0
        parts.append(part)
        rest, rest_shares = rest - part, rest_shares - share
    return parts
