"""Group buys and teams for tests, brought to their state by the services that lead there."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from core.accounts.models import User
from core.audit.actors import Actor
from orders.groupbuys.models import GroupTerms, Team, TeamMember
from orders.groupbuys.services import joining, selling
from orders.payments.models import Payment
from orders.placement.models import Order
from orders.placement.services.wishing import Wish
from orders.sandbox.services import cashier
from shops.catalogue.models import Product
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.payments import a_payment, call_back
from tests.factories.wishes import a_wish

# Ten in the morning in China.
TEN = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
PRICE_FEN = 2_990


def a_group_buy(product: Product | None = None, now: datetime = TEN, **changes: Any) -> GroupTerms:
    """Return a group buy on a product's SKU: teams of three at 29.90, begun an hour ago."""
    product = product or a_product(price_fen=3_990)
    facts: dict[str, Any] = {
        "sku": product.skus.get().reference,
        "price_fen": PRICE_FEN,
        "quantity": 20,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(days=3),
        "team_size": 3,
    }
    owner = Actor(product.shop.members.get(role="OWNER").user_id)
    draft = selling.Draft(**facts | changes)
    with transaction.atomic():
        return selling.set_up(product.shop, draft, actor=owner, now=now - timedelta(hours=2))


def opened(
    terms: GroupTerms,
    buyer: User | None = None,
    now: datetime = TEN,
    wanted: Wish | None = None,
    **wish: Any,
) -> joining.Seated:
    """Open a team; its leader is still to pay."""
    buyer = buyer or a_user()
    wanted = wanted or a_wish(buyer, terms.activity, now=now, **wish)
    with transaction.atomic():
        return joining.open_team(
            terms.activity.reference, wanted, buyer_id=buyer.pk, actor=Actor(buyer.pk), now=now
        )


def joined(
    team: Team,
    buyer: User | None = None,
    now: datetime = TEN,
    wanted: Wish | None = None,
    **wish: Any,
) -> joining.Seated:
    """Take a seat in a team; whoever sits there is still to pay."""
    buyer = buyer or a_user()
    terms = GroupTerms.objects.select_related("activity__sku").get(activity=team.activity_id)
    wanted = wanted or a_wish(buyer, terms.activity, now=now, **wish)
    with transaction.atomic():
        return joining.join(
            team.reference, wanted, buyer_id=buyer.pk, actor=Actor(buyer.pk), now=now
        )


def paid(seated: joining.Seated, now: datetime = TEN, **said: Any) -> Payment:
    """Pay for a seat; `captured_at` is the provider's word on when."""
    payment = a_payment(seated.placed.order, now=now)
    at_the_desk(payment, now)
    call_back(payment, now=now, **said)
    return payment


def at_the_desk(payment: Payment, at: datetime, *, even_if_closed: bool = False) -> None:
    """Let the buyer pay at the provider's desk, which calls nobody back."""
    cashier.capture(
        reference=str(payment.reference),
        callback=cashier.Callback.NEVER,
        delay_s=0,
        even_if_closed=even_if_closed,
        now=at,
    )


def a_team(terms: GroupTerms | None = None, people: int = 1, now: datetime = TEN) -> Team:
    """Return a forming team in which so many have paid."""
    terms = terms or a_group_buy(now=now)
    first = opened(terms, now=now)
    paid(first, now)
    team = first.team
    team.refresh_from_db()
    for _ in range(people - 1):
        paid(joined(team, now=now), now)
    team.refresh_from_db()
    return team


def seats(team: Team) -> list[str]:
    """Return the states of a team's seats, in the order in which they were taken."""
    return list(TeamMember.objects.filter(team=team).order_by("pk").values_list("state", flat=True))


def orders_of(team: Team) -> list[Order]:
    """Return the orders of a team's seats, in the order in which they were placed."""
    rows = Order.objects.filter(pk__in=TeamMember.objects.filter(team=team).values("order"))
    return list(rows.order_by("pk"))
