"""Flash sales as shops plan and end them: an activity between guard rails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from core.audit.actors import SYSTEM, Actor
from core.errors import InvalidInput
from core.transactions import needs_transaction
from marketplace.activities.domain.kinds import ActivityKind
from marketplace.activities.domain.rails import Rails
from marketplace.activities.domain.states import LIVE
from marketplace.activities.models import Activity
from marketplace.activities.services import activities
from shops.catalogue.models import Sku
from shops.storefronts.models import Shop
from shops.storefronts.selectors import access


@dataclass(frozen=True, slots=True)
class Draft:
    """A flash sale as its author wants it."""

    sku: UUID
    price_fen: int
    quantity: int
    starts_at: datetime
    ends_at: datetime
    per_user_limit: int = 1


@needs_transaction
def plan(draft: Draft, *, shop: Shop | None = None, actor: Actor, now: datetime) -> Activity:
    """Plan a flash sale of a SKU, of this shop where one is named; its pieces leave the stock.

    It begins now at the earliest.

    Raises:
        InvalidInput: there is no such SKU in the shop, or what `schedule` finds wrong.
        ShopNotOpen: the shop cannot sell.
        Flash...: it runs against a guard rail.
        FlashSaleExists, ActivityOverlap, StockTooLow: as `schedule` says.
    """
    sku = _sku(draft.sku, shop)
    access.require_open(sku.product.shop)
    starts_at = max(draft.starts_at, now)
    if draft.ends_at > starts_at:
        rails().insist(
            price_fen=draft.price_fen,
            list_price_fen=sku.price_fen,
            starts_at=starts_at,
            ends_at=draft.ends_at,
        )
    _end_what_is_over(sku, now)
    return activities.schedule(
        activities.Planned(
            kind=ActivityKind.FLASH,
            sku_id=sku.pk,
            price_fen=draft.price_fen,
            quantity=draft.quantity,
            per_user_limit=draft.per_user_limit,
            starts_at=starts_at,
            ends_at=draft.ends_at,
        ),
        actor=actor,
        now=now,
    )


def rails() -> Rails:
    """Return the guard rails of this market."""
    return Rails(
        longest=timedelta(hours=settings.MARKETPLACE_FLASH_HOURS_MAX),
        list_price_above_fen=settings.MARKETPLACE_FLASH_LIST_PRICE_ABOVE_FEN,
        price_bp_min=settings.MARKETPLACE_FLASH_PRICE_BP_MIN,
        price_bp_max=settings.MARKETPLACE_FLASH_PRICE_BP_MAX,
        off_fen_min=settings.MARKETPLACE_FLASH_OFF_FEN_MIN,
    )


def _sku(reference: UUID, shop: Shop | None) -> Sku:
    rows = Sku.objects.select_related("product__shop").filter(reference=reference)
    sku = (rows if shop is None else rows.filter(product__shop=shop)).first()
    if sku is None:
        raise InvalidInput.at("/sku", "SKU_NOT_FOUND", str(reference))
    return sku


def _end_what_is_over(sku: Sku, now: datetime) -> None:
    # One whose end nobody has noted yet is not in the way of the next.
    over = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("sku")
        .filter(product=sku.product_id, kind=ActivityKind.FLASH, state__in=LIVE, ends_at__lte=now)
    )
    for activity in over.order_by("pk"):
        activities.end(activity, actor=SYSTEM, now=now)
