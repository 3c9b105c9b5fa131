"""Pre-sales and their orders for tests, brought to their state by the services that lead there."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from core.accounts.models import User
from core.audit.actors import Actor
from orders.payments.models import Payment
from orders.placement.models import Order
from orders.placement.services.wishing import Wish
from orders.presales.models import Preorder, PresaleTerms
from orders.presales.services import placing, planning
from shops.catalogue.models import Product
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.groupbuys import at_the_desk
from tests.factories.payments import a_payment, call_back
from tests.factories.wishes import a_wish

# Ten in the morning in China, ten days before the balance.
TEN = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BALANCE_FROM, BALANCE_UNTIL = TEN + 10 * DAY, TEN + 12 * DAY
SHIP_FROM, SHIP_UNTIL = TEN + 20 * DAY, TEN + 30 * DAY
# The example of `domain.md` 2.5.
PRICE_FEN, DEPOSIT_FEN, WORTH_FEN, BALANCE_FEN = 8_800, 1_000, 2_000, 6_800


def a_presale(product: Product | None = None, now: datetime = TEN, **changes: Any) -> PresaleTerms:
    """Return a pre-sale with a deposit of 10.00 that is worth 20.00, at 88.00, begun an hour ago.

    Its times are those above, moved with `now`.
    """
    product = product or a_product(price_fen=9_900)
    facts: dict[str, Any] = {
        "sku": product.skus.get().reference,
        "kind": "DEPOSIT",
        "price_fen": PRICE_FEN,
        "quantity": 20,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + 5 * DAY,
        "deposit_fen": DEPOSIT_FEN,
        "deposit_worth_fen": WORTH_FEN,
        "balance_from": now + 10 * DAY,
        "balance_until": now + 12 * DAY,
        "ship_from": now + 20 * DAY,
        "ship_until": now + 30 * DAY,
    }
    owner = Actor(product.shop.members.get(role="OWNER").user_id)
    draft = planning.Draft(**facts | changes)
    with transaction.atomic():
        return planning.plan(product.shop, draft, actor=owner, now=now - timedelta(hours=2))


WHOLE: dict[str, Any] = {
    "kind": "FULL_PAY",
    "deposit_fen": None,
    "deposit_worth_fen": None,
    "balance_from": None,
    "balance_until": None,
}


def preordered(
    terms: PresaleTerms | None = None,
    buyer: User | None = None,
    now: datetime = TEN,
    wanted: Wish | None = None,
    **wish: Any,
) -> Preorder:
    """Order in a pre-sale; nothing is paid yet."""
    terms, buyer = terms or a_presale(now=now), buyer or a_user()
    wanted = wanted or a_wish(buyer, terms.activity, now=now, **wish)
    with transaction.atomic():
        return placing.place(
            terms.activity.reference, wanted, buyer_id=buyer.pk, actor=Actor(buyer.pk), now=now
        ).preorder


def paid(order: Order, now: datetime, provider: str = "sandbox", **said: Any) -> Payment:
    """Pay what is due of an order; `captured_at` is the provider's word on when."""
    payment = a_payment(order, now=now, provider=provider)
    at_the_desk(payment, now)
    call_back(payment, now=now, **said)
    return payment


def with_deposit(
    terms: PresaleTerms | None = None, buyer: User | None = None, now: datetime = TEN, **wish: Any
) -> Preorder:
    """Return an order whose deposit is paid."""
    preorder = preordered(terms, buyer, now, **wish)
    paid(preorder.order, now)
    return fresh(preorder)


def with_balance(
    terms: PresaleTerms | None = None, buyer: User | None = None, now: datetime = TEN, **wish: Any
) -> Preorder:
    """Return an order of which all is paid, the balance at the start of its window."""
    preorder = with_deposit(terms, buyer, now, **wish)
    paid(preorder.order, preorder.order.balance_from)
    return fresh(preorder)


def fresh(preorder: Preorder) -> Preorder:
    """Return a pre-order as it stands now, with its order and terms."""
    rows = Preorder.objects.select_related("order", "terms__activity__sku__product__shop")
    return rows.get(pk=preorder.pk)
