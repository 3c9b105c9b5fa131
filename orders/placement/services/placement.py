"""PREPARE: an order is written down with everything it sets aside, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.accounts.selectors import addresses
from core.accounts.selectors.addresses import AddressFacts
from core.audit.actors import Actor
from core.errors import DomainError
from core.http import logs
from core.quotas.models import Kind
from core.quotas.services import drawing
from core.transactions import needs_transaction, refusing
from marketplace.abuse.domain.marks import Origin
from marketplace.abuse.domain.rules import Deed
from marketplace.abuse.services import watching
from marketplace.activities.domain.kinds import BY_ITSELF
from marketplace.activities.services import counting
from marketplace.coupons.services import redemption
from orders.baskets.selectors.baskets import BasketFacts
from orders.baskets.services import baskets
from orders.placement.domain import problems
from orders.placement.domain.states import OrderState, ShopOrderState, WaitsFor
from orders.placement.models import Order
from orders.placement.selectors import quotes, shown
from orders.placement.selectors.quotes import Coupons, Quote, Wanted
from orders.placement.services import lifecycle, writing
from orders.placement.services.writing import Placed, Window


class QuoteStale(DomainError):
    """The price has changed; here is the new one."""

    code = "QUOTE_STALE"
    zh = "价格已变动，请按新价格确认。"


class EmptyBasket(DomainError):
    """There is nothing to order."""

    code = "EMPTY_BASKET"
    zh = "购物车是空的。"


class BasketOrdered(DomainError):
    """This basket was ordered a moment ago."""

    code = "BASKET_ORDERED"
    zh = "该购物车刚刚已下单。"


class NotOnItsOwn(DomainError):
    """This price is for teams and pre-orders: open or join one."""

    code = "ACTIVITY_NOT_ON_ITS_OWN"
    zh = "该价格仅限拼团或预售，请通过开团、参团或预订购买。"


@dataclass(frozen=True, slots=True)
class Checkout:
    """What somebody decided: the goods, where to, with which coupons, at which price."""

    address: UUID
    expected_payable_fen: int
    lines: Sequence[Wanted] = ()
    basket: BasketFacts | None = None
    coupons: Sequence[UUID] = ()
    remark: str = ""
    # The group buy, pre-sale or other activity that the goods are bought in, by its reference.
    activity: UUID | None = None
    # Whether nobody stands behind this order: no team and no pre-order.
    is_on_its_own: bool = True
    origin: Origin = field(default_factory=Origin)
    waits_for: WaitsFor = WaitsFor.NOTHING
    # When the balance of a deposit is due.
    balance: Window | None = None


@needs_transaction
def place_order(buyer_id: int, checkout: Checkout, *, actor: Actor, now: datetime) -> Placed:
    """Turn a decision into an order whose stock and coupons nobody else can take.

    An order that costs nothing is paid by being placed; one that waits for more than its money is
    left to whoever placed it, who calls `pay_nothing` once its host knows the order.

    Raises:
        EmptyBasket: there is nothing to order.
        BasketOrdered: another tab has ordered this version of the basket.
        NotFound: the address or a coupon is not the buyer's.
        QuoteStale: it costs something else than the buyer expects.
        NotOnItsOwn: the price is for a team or a pre-order, and none of them is placing this.
        NotOnSale, OutOfStock, NotDeliverable, Activity..., Coupon...: as `problems` of the quote.
        BudgetExhausted: the money of a coupon is gone that is set aside only when it is used.
    """
    wanted = _wanted(checkout)
    address = addresses.delivery_address(buyer_id, checkout.address)
    quote = quotes.quote(
        buyer_id=buyer_id,
        wanted=wanted,
        region=address.region,
        coupons=Coupons(checkout.coupons),
        now=now,
        activity=checkout.activity,
    )
    if checkout.is_on_its_own:
        _insist_on_price_for_one(quote)
    _agree(quote, checkout.expected_payable_fen)
    ordered = writing.Ordered(
        buyer_id=buyer_id,
        address=address,
        remark=checkout.remark,
        basket=checkout.basket,
        waits_for=checkout.waits_for,
        balance=checkout.balance,
    )
    with refusing({"placement_order_basket_is_ordered_once": BasketOrdered}):
        placed = writing.write(ordered, quote, actor=actor, now=now)
    order = placed.order
    logs.bind(order_number=order.number)
    _judge(order, buyer_id, checkout, quote, address, now)
    # The lock order of the house: our own rows, the coupons by id, the stock and the budgets.
    counting.count(buyer_id, _limited(wanted, quote))
    if checkout.basket is not None:
        baskets.empty(checkout.basket, now=now)
    if quote.price.used:
        redemption.lock(
            quote.price.used, user_id=buyer_id, order_reference=str(order.reference), now=now
        )
    _hold_stock(order, wanted, quote)
    if quote.money_at_use:
        redemption.set_aside(quote.money_at_use, order_reference=str(order.reference), now=now)
    if order.is_free and not order.waits_for:
        pay_nothing(placed, actor=actor, now=now)
    return placed


@needs_transaction
def pay_nothing(placed: Placed, *, actor: Actor, now: datetime) -> None:
    """Take an order that costs nothing for paid."""
    order = placed.order
    lifecycle.mark_paid(order.pk, provider="", now=now, actor=actor)
    order.state, order.paid_at = OrderState.PAID, now
    waits = order.waits_for == WaitsFor.TEAM
    state = ShopOrderState.WAIT_TEAM if waits else ShopOrderState.PAID
    for part in placed.shop_orders:
        part.state, part.paid_at = state, now
        if not order.waits_for:
            part.released_at = now


def _wanted(checkout: Checkout) -> Sequence[Wanted]:
    lines = checkout.lines
    if checkout.basket is not None:
        lines = [Wanted(line.sku, line.quantity) for line in checkout.basket.lines]
    if not lines:
        raise EmptyBasket
    return lines


def _insist_on_price_for_one(quote: Quote) -> None:
    for offer in quote.offers.values():
        if offer.kind not in BY_ITSELF:
            raise NotOnItsOwn(activity=offer.activity_reference, kind=offer.kind)


def _agree(quote: Quote, expected_payable_fen: int) -> None:
    for problem in quote.problems:
        raise problem
    if quote.price.payable_fen != expected_payable_fen:
        raise QuoteStale(
            expected_payable_fen=expected_payable_fen,
            payable_fen=quote.price.payable_fen,
            quote=shown.price_of(quote),
        )


def _judge(
    order: Order,
    buyer_id: int,
    checkout: Checkout,
    quote: Quote,
    address: AddressFacts,
    now: datetime,
) -> None:
    """Refuse an order that is not what it seems, before any coupon or stock is touched."""
    noted = watching.Noted(
        deed=Deed.ORDER,
        subject=order.reference,
        user_id=buyer_id,
        origin=checkout.origin,
        delivery=watching.Delivery(address.phone, address.region, address.street),
        shop_ids={shop.shop_id for shop in quote.price.shops},
        spends_coupons=bool(quote.price.used),
        is_as_newcomer=quote.is_as_newcomer,
    )
    watching.note(noted, now=now)


def _limited(wanted: Sequence[Wanted], quote: Quote) -> dict[str, int]:
    """Return how many pieces of each activity with a limit for one person are wanted."""
    return {
        offer.activity_reference: want.quantity
        for want in wanted
        if (offer := quote.offers.get(want.sku)) and offer.per_user_limit is not None
    }


def _hold_stock(order: Order, wanted: Sequence[Wanted], quote: Quote) -> None:
    demands = {_demand(want, quote): want for want in wanted}
    try:
        drawing.hold(demands, owner=lifecycle.owner_of(order))
    except drawing.Exhausted as exhausted:
        want = next(
            want for demand, want in demands.items() if demand.quota_id == exhausted.quota_id
        )
        raise problems.OutOfStock(
            sku=want.sku, asked=exhausted.asked, available=exhausted.left
        ) from exhausted


def _demand(want: Wanted, quote: Quote) -> drawing.Demand:
    # An activity sells from its own pieces, which left the stock when it was set up.
    offer = quote.offers.get(want.sku)
    if offer is not None:
        return drawing.Demand(offer.quota_id, want.quantity, Kind.ACTIVITY)
    return drawing.Demand(quote.goods[want.sku].stock_quota_id, want.quantity, Kind.STOCK)
