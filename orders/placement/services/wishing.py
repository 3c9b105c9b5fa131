"""Ordering at a price that is not had on its own: in a team, in a pre-sale."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from marketplace.abuse.domain.marks import Origin
from marketplace.activities.models import Activity
from orders.placement.domain.states import WaitsFor
from orders.placement.selectors.quotes import Wanted
from orders.placement.services.placement import Checkout
from orders.placement.services.writing import Window


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody orders there: so many, where to, with which coupons, at which price."""

    address: UUID
    expected_payable_fen: int
    quantity: int = 1
    coupons: Sequence[UUID] = ()
    remark: str = ""
    origin: Origin = field(default_factory=Origin)


def checkout_of(
    wish: Wish, selling: Activity, *, waits_for: WaitsFor, balance: Window | None = None
) -> Checkout:
    """Return the order that a wish comes to: pieces of what the activity sells, nothing else."""
    return Checkout(
        address=wish.address,
        expected_payable_fen=wish.expected_payable_fen,
        lines=[Wanted(str(selling.sku.reference), wish.quantity)],
        coupons=wish.coupons,
        remark=wish.remark,
        activity=selling.reference,
        is_on_its_own=False,
        waits_for=waits_for,
        balance=balance,
        origin=wish.origin,
    )
