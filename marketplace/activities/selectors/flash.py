"""Flash sales as buyers, shops and staff see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum

from core.errors import NotFound
from core.quotas.models import QuotaShard
from marketplace.activities.domain.kinds import ActivityKind
from marketplace.activities.domain.states import ACTIVITY, LIVE, state_at
from marketplace.activities.models import Activity
from shops.catalogue.domain.goods import ProductState
from shops.storefronts.domain.states import ShopState


class AtHand(NamedTuple):
    """What whoever keeps the crowd away must know of a flash sale."""

    reference: UUID
    sku: UUID
    starts_at: datetime
    ends_at: datetime
    left: int


def at_hand(now: datetime, *, until: datetime) -> Sequence[AtHand]:
    """Return the flash sales that run now or begin until then, in one statement."""
    rows = Activity.objects.filter(
        kind=ActivityKind.FLASH, state__in=LIVE, starts_at__lte=until, ends_at__gt=now
    ).annotate(left=_left())
    return [
        AtHand(*row)
        for row in rows.values_list("reference", "sku__reference", "starts_at", "ends_at", "left")
    ]


def every() -> QuerySet[Activity]:
    """Return all flash sales, ready to be shown with their goods and what is left of them."""
    spent = _shards().annotate(spent=Sum("spent"))
    return (
        Activity.objects.filter(kind=ActivityKind.FLASH)
        .select_related("sku", "product", "shop")
        .annotate(
            left=_left(),
            sold=Subquery(spent.values("spent"), output_field=BigIntegerField()),
        )
    )


def public(
    now: datetime, *, product: UUID | None = None, shop: UUID | None = None, state: str = ""
) -> QuerySet[Activity]:
    """Return what runs and what is to come, of goods that are on sale."""
    rows = every().filter(
        state__in=LIVE,
        ends_at__gt=now,
        product__state=ProductState.PUBLISHED,
        shop__state=ShopState.OPEN,
    )
    if product is not None:
        rows = rows.filter(product__reference=product)
    if shop is not None:
        rows = rows.filter(shop__reference=shop)
    if state:
        is_running = {"starts_at__lte": now}
        rows = rows.filter(**is_running) if state == "RUNNING" else rows.exclude(**is_running)
    return rows


def of_shop(shop_id: int) -> QuerySet[Activity]:
    """Return the flash sales of a shop, whether they run or not."""
    return every().filter(shop=shop_id)


def one(reference: UUID, shop_id: int | None = None) -> Activity:
    """Return a flash sale, of this shop where one is named.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    rows = every() if shop_id is None else of_shop(shop_id)
    try:
        return rows.get(reference=reference)
    except Activity.DoesNotExist:
        raise NotFound(subject="flash sale") from None


def shown(row: Any, now: datetime) -> dict[str, Any]:
    """Return a flash sale as everybody sees it: where it stands is judged by the clock."""
    state = state_at(row.state, row.starts_at, row.ends_at, now)
    return {
        "id": row.reference,
        "state": state,
        "sku": row.sku.reference,
        "product": row.product.reference,
        "title": row.product.title,
        "spec": row.sku.spec,
        "shop": {"id": row.shop.reference, "slug": row.shop.slug, "name": row.shop.name},
        "price_fen": row.price_fen,
        "list_price_fen": row.list_price_fen,
        "quantity": row.quantity,
        "left": 0 if state == "ENDED" else row.left,
        "per_user_limit": row.per_user_limit,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "server_time": now,
    }


def shown_to_its_shop(row: Any, now: datetime) -> dict[str, Any]:
    """Return a flash sale as its shop and staff see it: with what was sold, and what they may do.

    Sold is what was paid for; what is neither sold nor left is held by orders that wait for money.
    """
    said = shown(row, now)
    actions = [action for action in ACTIVITY.actions_in(said["state"]) if action != "start"]
    return said | {
        "sold": row.sold,
        "returned": row.returned,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "allowed_actions": actions,
    }


def _shards() -> QuerySet[QuotaShard, Any]:
    return QuotaShard.objects.filter(quota=OuterRef("quota")).order_by().values("quota")


def _left() -> Subquery:
    free = _shards().annotate(free=Sum(F("total") - F("held") - F("spent")))
    return Subquery(free.values("free"), output_field=BigIntegerField())
