"""Ordering in a pre-sale: an order, and where it stands between deposit and shipping."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.audit.advancing import begin
from core.errors import DomainError, NotFound
from core.transactions import needs_transaction
from marketplace.activities.domain.states import LIVE
from orders.placement.domain.problems import ActivityNotRunning
from orders.placement.domain.states import WaitsFor
from orders.placement.services import placement
from orders.placement.services.wishing import Wish, checkout_of
from orders.placement.services.writing import Placed, Window
from orders.presales.domain.states import PREORDER, PreorderState, PresaleState
from orders.presales.models import Preorder, PresaleTerms


class ForecastExceeded(DomainError):
    """A piece has become heavier than the harvest was promised by; the shop must plan anew."""

    code = "FORECAST_EXCEEDED"
    zh = "单件重量已超过预售时登记的重量，请联系店铺重新发起预售。"


@dataclass(frozen=True, slots=True)
class Preordered:
    """An order that was just placed in a pre-sale."""

    preorder: Preorder
    placed: Placed


@needs_transaction
def place(presale: UUID, wish: Wish, *, buyer_id: int, actor: Actor, now: datetime) -> Preordered:
    """Order in a pre-sale; the deposit, or all of it, is then to be paid like any order.

    Raises:
        NotFound: there is no such pre-sale.
        ActivityNotRunning: it has not begun, has ended, or cannot be delivered.
        ForecastExceeded: a piece weighs more than on the day it was planned.
        what `place_order` raises.
    """
    terms = _terms(presale)
    selling = terms.activity
    is_open = selling.state in LIVE and selling.starts_at <= now < selling.ends_at
    if not is_open or terms.state != PresaleState.OPEN:
        raise ActivityNotRunning(activity=str(presale))
    if terms.forecast_g is not None and selling.sku.net_weight_g > terms.piece_net_g:
        raise ForecastExceeded(activity=str(presale))
    checkout = checkout_of(wish, selling, waits_for=WaitsFor.PRESALE, balance=_balance(terms))
    placed = placement.place_order(buyer_id, checkout, actor=actor, now=now)
    due = PreorderState.DEPOSIT_DUE if checkout.balance else PreorderState.WHOLE_DUE
    preorder = Preorder(
        order=placed.order,
        terms=terms,
        state=due,
        quantity=wish.quantity,
        ship_from=terms.ship_from,
        ship_until=terms.ship_until,
        compensation_fen=terms.compensation_fen * wish.quantity,
        created_at=now,
    )
    begin(preorder, PREORDER, actor=actor, now=now)
    if placed.order.is_free:
        placement.pay_nothing(placed, actor=actor, now=now)
        preorder.refresh_from_db()
    return Preordered(preorder, placed)


def _balance(terms: PresaleTerms) -> Window | None:
    if terms.balance_from is None or terms.balance_until is None:
        return None
    return Window(terms.balance_from, terms.balance_until)


def _terms(presale: UUID) -> PresaleTerms:
    try:
        return PresaleTerms.objects.select_related("activity__sku").get(activity__reference=presale)
    except PresaleTerms.DoesNotExist:
        raise NotFound(subject="pre-sale") from None
