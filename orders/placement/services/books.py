"""What an order does to the ledger: paid, undone, completed (`domain.md` 2.11)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from core import money
from core.audit.actors import Actor
from core.ledger.models import AccountKind
from core.ledger.services import posting
from core.transactions import needs_transaction
from marketplace.coupons.domain.kinds import Funder
from orders.placement.domain.steps import ON_GOODS
from orders.placement.models import LineDiscount, Order, OrderLine, ShopOrder

ORDER_PAID = "ORDER_PAID"
ORDER_CLOSED = "ORDER_CLOSED"
DEPOSIT_PAID = "DEPOSIT_PAID"
DEPOSIT_FORFEITED = "DEPOSIT_FORFEITED"
DEPOSIT_RETURNED = "DEPOSIT_RETURNED"
COMPENSATION_OWED = "COMPENSATION_OWED"
SHOP_ORDER_COMPLETED = "SHOP_ORDER_COMPLETED"


@dataclass(frozen=True, slots=True)
class Bearing:
    """What one funder takes off one line of a shop, by one coupon or by the shop's reduction."""

    line_reference: str
    shop_reference: str
    coupon_reference: str | None
    funder: str
    budget_reference: str | None
    amount_fen: int


# At every payment, so by hand: compiling them again takes longer than running them.
_BEARINGS = """
    SELECT line.reference::text, shop.reference::text, off.coupon_reference::text, off.funder,
        off.budget_reference::text, off.amount_fen
    FROM placement_linediscount AS off
    JOIN placement_orderline AS line ON line.id = off.line_id
    JOIN placement_shoporder AS part ON part.id = line.shop_order_id
    JOIN storefronts_shop AS shop ON shop.id = line.shop_id
    WHERE part.order_id = %s
    ORDER BY off.line_id, off.id
"""
# What each shop of an order is paid for its part.
_PAYABLES = """
    SELECT shop.reference::text, part.payable_fen
    FROM placement_shoporder AS part JOIN storefronts_shop AS shop ON shop.id = part.shop_id
    WHERE part.order_id = %s
"""


def bearings_of(order_id: int) -> list[Bearing]:
    """Return everything that was taken off an order, line by line and funder by funder."""
    with connection.cursor() as cursor:
        cursor.execute(_BEARINGS, [order_id])
        return [Bearing(*row) for row in cursor.fetchall()]


@needs_transaction
def post_paid(
    order: Order, bearings: Sequence[Bearing], *, provider: str, now: datetime, actor: Actor
) -> None:
    """Book what the buyer paid and the budgets added, as owed to the shops."""
    clearing = [
        posting.Posting(AccountKind.PROVIDER_CLEARING, provider, order.balance_fen),
        *_held(order, order.deposit_fen),
    ]
    posting.post(
        kind=ORDER_PAID,
        reference=str(order.reference),
        postings=clearing + _earned(order, bearings),
        now=now,
        actor=actor,
    )


@needs_transaction
def post_deposit(order: Order, *, provider: str, now: datetime) -> None:
    """Book a deposit as nobody's yet: the buyer may still pay the balance, or not."""
    posting.post(
        kind=DEPOSIT_PAID,
        reference=str(order.reference),
        postings=[
            posting.Posting(AccountKind.PROVIDER_CLEARING, provider, order.deposit_fen),
            *_held(order, -order.deposit_fen),
        ],
        now=now,
    )


@needs_transaction
def post_forfeited(order: Order, *, now: datetime) -> None:
    """Book a deposit as its shop's: the balance was not paid in time."""
    posting.post(
        kind=DEPOSIT_FORFEITED,
        reference=str(order.reference),
        postings=[
            *_held(order, order.deposit_fen),
            posting.Posting(AccountKind.SHOP_PAYABLE, _shop_of(order), -order.deposit_fen),
        ],
        now=now,
    )


@needs_transaction
def post_returned(order: Order, *, now: datetime) -> None:
    """Owe a deposit to its buyer again; the provider's side follows with the refund."""
    posting.post(
        kind=DEPOSIT_RETURNED,
        reference=str(order.reference),
        postings=[
            *_held(order, order.deposit_fen),
            posting.Posting(AccountKind.REFUND_CLEARING, order.deposit_through, -order.deposit_fen),
        ],
        now=now,
    )


@needs_transaction
def post_compensated(order: Order, fen: int, *, provider: str, now: datetime) -> None:
    """Let a shop pay what it owes a buyer for not delivering."""
    posting.post(
        kind=COMPENSATION_OWED,
        reference=str(order.reference),
        postings=[
            posting.Posting(AccountKind.SHOP_PAYABLE, _shop_of(order), fen),
            posting.Posting(AccountKind.REFUND_CLEARING, provider, -fen),
        ],
        now=now,
    )


@needs_transaction
def post_closed(order: Order, bearings: Sequence[Bearing], *, now: datetime, actor: Actor) -> None:
    """Take back what the shops were owed and the budgets gave; owe the buyer all they paid.

    The provider's side follows when the refund has succeeded.
    """
    owed = [
        posting.Posting(AccountKind.REFUND_CLEARING, order.paid_through, -order.balance_fen),
        posting.Posting(AccountKind.REFUND_CLEARING, order.deposit_through, -order.deposit_fen),
    ]
    back = [
        posting.Posting(earned.account, earned.owner, -earned.amount_fen)
        for earned in _earned(order, bearings)
    ]
    posting.post(
        kind=ORDER_CLOSED,
        reference=str(order.reference),
        postings=owed + back,
        now=now,
        actor=actor,
    )


@needs_transaction
def post_completed(shop_order_ids: Sequence[int], *, now: datetime, actor: Actor) -> None:
    """Book the platform's commission of each shop order, at the rate agreed at placement."""
    commissions = _commissions(shop_order_ids)
    parts = ShopOrder.objects.filter(pk__in=shop_order_ids).select_related("shop").order_by("pk")
    for part in parts:
        commission_fen = commissions[part.pk]
        owner = str(part.shop.reference)
        postings = [
            posting.Posting(AccountKind.SHOP_PAYABLE, owner, commission_fen),
            posting.Posting(AccountKind.PLATFORM_REVENUE, "", -commission_fen),
        ]
        posting.post(
            kind=SHOP_ORDER_COMPLETED,
            reference=str(part.reference),
            postings=postings,
            now=now,
            actor=actor,
        )


def _held(order: Order, fen: int) -> list[posting.Posting]:
    # Only orders with a deposit look up whose it may become.
    return [posting.Posting(AccountKind.DEPOSIT_HELD, _shop_of(order), fen)] if fen else []


def _shop_of(order: Order) -> str:
    """Return the shop of a pre-sale's order, which is of one shop only."""
    parts = order.shop_orders.select_related("shop").order_by("pk")
    return str(parts.values_list("shop__reference", flat=True).get())


def _earned(order: Order, bearings: Sequence[Bearing]) -> list[posting.Posting]:
    budgets: Counter[str] = Counter()
    shops: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_PAYABLES, [order.pk])
        shops.update(dict(cursor.fetchall()))
    for bearing in bearings:
        if bearing.budget_reference:
            budgets[bearing.budget_reference] += bearing.amount_fen
            shops[bearing.shop_reference] += bearing.amount_fen
    return [
        *(
            posting.Posting(AccountKind.SUBSIDY, budget, fen)
            for budget, fen in sorted(budgets.items())
        ),
        *(
            posting.Posting(AccountKind.SHOP_PAYABLE, shop, -fen)
            for shop, fen in sorted(shops.items())
        ),
    ]


def _commissions(shop_order_ids: Sequence[int]) -> Counter[int]:
    # Per line: what the buyer and the other funders gave for the goods, without what the shop took
    # off itself. Freight bears no commission, whoever pays it (`domain.md` 2.11).
    subsidies: Counter[int] = Counter()
    rows = LineDiscount.objects.filter(
        line__shop_order__in=shop_order_ids, kind__in=ON_GOODS
    ).exclude(funder=Funder.SHOP)
    for line_id, fen in rows.values_list("line_id", "amount_fen"):
        subsidies[line_id] += fen
    lines = OrderLine.objects.filter(shop_order__in=shop_order_ids).values_list(
        "pk", "shop_order_id", "shop_order__commission_bp", "paid_fen"
    )
    commissions: Counter[int] = Counter()
    for line_id, shop_order_id, rate_bp, paid_fen in lines:
        commissions[shop_order_id] += money.share_bp(paid_fen + subsidies[line_id], rate_bp)
    return commissions
