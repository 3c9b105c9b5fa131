"""What goes back for a part of a line: to its buyer, and to whoever bore a part of its price.

The figures of `domain.md` 2.2, over everything that the price pipeline takes off: goods unit by
unit, freight fen by fen. At every step what goes back is worth exactly what was sold.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from marketplace.coupons.domain import refunds
from marketplace.coupons.domain.refunds import KindShare, Refund
from orders.placement.domain.steps import ON_FREIGHT, ON_GOODS, ORDER


@dataclass(frozen=True, slots=True)
class Borne:
    """What one funder bore of one step of the pipeline on one line."""

    step: str
    funder: str
    amount_fen: int


def of_units(
    *,
    unit_sale_fen: int,
    quantity: int,
    paid_fen: int,
    borne: Iterable[Borne],
    refunded: int,
    units: int,
) -> Refund:
    """Return what `units` more units are worth after `refunded` of them went back."""
    return refunds.refund_of(
        unit_sale_fen=unit_sale_fen,
        quantity=quantity,
        paid_fen=paid_fen,
        kinds=_kinds(borne, ON_GOODS),
        refunded=refunded,
        units=units,
    )


def of_freight(
    *, fee_fen: int, paid_fen: int, borne: Iterable[Borne], refunded_fen: int, fen: int
) -> Refund:
    """Return who gets back what when `fen` more of a line's freight fee are given up.

    `refunded_fen` of the fee were given up before. A fen of the fee is to freight what a unit is to
    goods: whoever bore a part of it gets that part back.
    """
    if fee_fen == 0:
        return Refund(0, {})
    return refunds.refund_of(
        unit_sale_fen=1,
        quantity=fee_fen,
        paid_fen=paid_fen,
        kinds=_kinds(borne, ON_FREIGHT),
        refunded=refunded_fen,
        units=fen,
    )


def _kinds(borne: Iterable[Borne], steps: Sequence[str]) -> list[KindShare]:
    by_step: dict[str, dict[str, int]] = defaultdict(dict)
    for part in borne:
        if part.step in steps:
            row = by_step[part.step]
            row[part.funder] = row.get(part.funder, 0) + part.amount_fen
    return [KindShare(step, by_step[step]) for step in sorted(by_step, key=ORDER.__getitem__)]
